import { HoldfastError } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';

/** What people and terminals call some keys, and what they are called here. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['esc', 'escape'],
  ['return', 'enter'],
  ['del', 'delete'],
  ['ins', 'insert'],
  ['pgup', 'pageup'],
  ['pgdn', 'pagedown'],
  ['pgdown', 'pagedown'],
  ['bksp', 'backspace'],
  ['spacebar', 'space'],
  ['control', 'ctrl'],
  ['option', 'alt'],
]);

const named = new Set([
  ...['up', 'down', 'left', 'right', 'home', 'end', 'pageup', 'pagedown', 'insert', 'delete'],
  ...['backspace', 'tab', 'enter', 'escape', 'space'],
  ...Array.from({ length: 24 }, (_, index) => `f${index + 1}`),
]);

/** A key as it is written: as many modifiers as there are, then one word or one letter. */
const written = /^((?:(?:ctrl|control|alt|option|shift)\+)*)(.+)$/iu;
const oneLetter = /^[^\p{C}\p{Z}\p{M}]$/u;
const longest = 64;

interface Parts {
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly base: string;
}

function partsOf(text: string): Parts | null {
  const [, before = '', base = ''] = written.exec(text) ?? [];
  if (base === '') return null;
  const modifiers = before
    .toLowerCase()
    .split('+')
    .slice(0, -1)
    .map((word) => aliases.get(word) ?? word);
  if (new Set(modifiers).size < modifiers.length) return null;
  const has = (word: string) => modifiers.includes(word);
  return { ctrl: has('ctrl'), alt: has('alt'), shift: has('shift'), base };
}

const assemble = ({ ctrl, alt, shift, base }: Parts): string =>
  `${ctrl ? 'ctrl+' : ''}${alt ? 'alt+' : ''}${shift ? 'shift+' : ''}${base}`;

function canonical(parts: Parts, isWrittenByHand: boolean): string | null {
  const lower = parts.base.toLowerCase();
  const word = aliases.get(lower) ?? lower;
  if (named.has(word)) return assemble({ ...parts, base: word });
  if (!oneLetter.test(parts.base)) return null;
  const isBig = parts.base !== lower;
  if (!parts.ctrl && !parts.alt) {
    // Shift with a letter is the capital letter; what it makes of a digit depends on the keyboard.
    const big = parts.base.toUpperCase();
    return parts.shift && oneLetter.test(big) && big !== lower ? big : assemble(parts);
  }
  // `Ctrl+A` in a file means `ctrl+a`, as everybody writes it; a terminal that tells a capital has seen shift.
  return assemble({ ...parts, shift: parts.shift || (isBig && !isWrittenByHand && !parts.ctrl), base: lower });
}

/** The one name of a key that a terminal sent: `pgup` and `pageup`, `esc` and `escape`, `alt+X` and `alt+shift+x` are the same. */
export function keyName(name: string): string {
  if (name.length === 1 || named.has(name)) return name;
  const parts = name.length > longest ? null : partsOf(name);
  return (parts === null ? null : canonical(parts, false)) ?? name;
}

function refuse(text: string, problem: string): never {
  throw new HoldfastError('KEYS_INVALID', `the key ${JSON.stringify(safeText(text, longest))} ${problem}`, {
    remedy: 'write it like `p`, `P`, `space`, `f5`, `ctrl+p`, `alt+x`, `ctrl+shift+right` or two in a row: `g m`',
  });
}

/**
 * Reads a key, or two in a row, as a person writes them: `g m`, `Ctrl+K Ctrl+S`, `shift+tab`.
 * @returns one or two names, each as keys of the screen are named.
 * @throws {HoldfastError} `KEYS_INVALID` saying what is wrong.
 */
export function parseKeys(text: string): readonly string[] {
  if (text.length > longest) refuse(text, `is longer than ${longest} letters`);
  const words = text.split(' ').filter((word) => word !== '');
  if (words.length === 0) refuse(text, 'is empty');
  if (words.length > 2) refuse(text, 'has more than two keys in a row');
  return words.map((word) => {
    if (/(?:^|\+)(?:cmd|meta|super|win)\+/i.test(word)) refuse(text, 'has a modifier that terminals do not send');
    const parts = partsOf(word);
    return (parts === null ? null : canonical(parts, true)) ?? refuse(text, 'is not known');
  });
}
