import type { Input, Mouse } from '../contract.ts';
import { keypadByLetter, keysByCode, keysByLetter, keysByNumber } from './key-tables.ts';
import { bare, letterKey, type Modifiers, modifiersOf, namedKey } from './keys.ts';

/** What a whole sequence means; `null` for what tells nothing that is wanted here (replies, focus, releases of keys). */
export type Meaning = Input | null;

const withAlt = (modifiers: Modifiers, alt: boolean): Modifiers => (alt ? { ...modifiers, alt: true } : modifiers);

/** `ESC O letter`, with modifiers as a digit between in some terminals. */
export function singleShift(digit: string, letter: string, alt: boolean): Meaning {
  const modifiers = withAlt(digit === '' ? bare : modifiersOf(Number(digit)), alt);
  const name = keysByLetter.get(letter);
  if (name !== undefined) return namedKey(name, modifiers);
  const onKeypad = keypadByLetter.get(letter);
  if (onKeypad === undefined) return null;
  return onKeypad.length > 1 ? namedKey(onKeypad, modifiers) : letterKey(onKeypad, modifiers);
}

/**
 * `CSI prefix parameters final`.
 * @param parameters Digits, `;` and `:`.
 */
export function controlSequence(prefix: string, parameters: string, final: string, alt: boolean): Meaning {
  if (prefix === '<') return final === 'M' || final === 'm' ? mouse(numbersOf(parameters), final === 'm') : null;
  if (prefix !== '') return null;
  const fields = parameters.split(';');
  const first = numberOf(fields[0]);
  const [held = '', event = ''] = (fields[1] ?? '').split(':');
  // The kitty protocol tells releases too, when someone else asked it to.
  if (event === '3') return null;
  const modifiers = withAlt(held === '' ? bare : modifiersOf(Number(held)), alt);
  if (final === '~') return tilde(fields.map(numberOf), modifiers);
  if (final === 'u') return first === 0 && fields[2] === undefined ? null : code(first, modifiers, fields);
  if (final === 'Z') return namedKey('tab', { ...modifiers, shift: true });
  // A reply to a question about the cursor looks like F3.
  if (final === 'R' && first > 1) return null;
  const name = keysByLetter.get(final);
  return name === undefined ? null : namedKey(name, modifiers);
}

/** `CSI number $`, `^` or `@`: how rxvt says shift, ctrl and both. */
export function rxvtKey(number: string, final: string, alt: boolean): Meaning {
  const name = keysByNumber.get(Number(number));
  if (name === undefined) return null;
  return namedKey(name, { shift: final !== '^', ctrl: final !== '$', alt });
}

function tilde(numbers: readonly number[], modifiers: Modifiers): Meaning {
  // modifyOtherKeys: `CSI 27 ; modifiers ; code ~`.
  if (numbers[0] === 27 && numbers.length === 3) return code(numbers[2] ?? 0, modifiers, []);
  const name = keysByNumber.get(numbers[0] ?? 0);
  return name === undefined ? null : namedKey(name, modifiers);
}

/** The kitty protocol: `CSI code:shifted:base ; modifiers:event ; text u`. */
function code(point: number, modifiers: Modifiers, fields: readonly string[]): Meaning {
  const name = keysByCode.get(point);
  if (name !== undefined) return name.length > 1 ? namedKey(name, modifiers) : letterKey(name, modifiers);
  // What it types, where the terminal says so; otherwise the key itself, with shift where it was held.
  const shifted = numberOf((fields[0] ?? '').split(':')[1]);
  const typed = numberOf((fields[2] ?? '').split(':')[0]);
  const plain = !modifiers.ctrl && !modifiers.alt;
  const meant = plain ? typed || (modifiers.shift ? shifted : 0) || point : point;
  if (meant < 0x20 || meant > 0x10ffff || (meant >= 0xd800 && meant < 0xe000)) return null;
  // The numbers of keys that are no letters (57344 to 63743) are private: none of them types anything.
  if (meant >= 0xe000 && meant <= 0xf8ff) return null;
  if (meant >= 0x7f && meant < 0xa0) return null;
  return letterKey(String.fromCodePoint(meant), modifiers);
}

const buttons = ['left', 'middle', 'right', 'none'] as const;

function mouse([bits = 0, column = 0, row = 0]: readonly number[], isRelease: boolean): Mouse | null {
  if (column < 1 || row < 1) return null;
  const at = { x: column - 1, y: row - 1 };
  if ((bits & 64) !== 0) {
    const which = bits & 3;
    if (which > 1 || isRelease) return null;
    return { kind: 'mouse', action: which === 0 ? 'wheel-up' : 'wheel-down', button: 'none', ...at };
  }
  const button = buttons[bits & 3] ?? 'none';
  if ((bits & 32) !== 0) return button === 'none' ? null : { kind: 'mouse', action: 'drag', button, ...at };
  if (bits >= 128 || button === 'none') return null;
  return { kind: 'mouse', action: isRelease ? 'release' : 'press', button, ...at };
}

const numberOf = (text: string | undefined): number => {
  const number = Number.parseInt(text ?? '', 10);
  return Number.isSafeInteger(number) && number >= 0 ? number : 0;
};
const numbersOf = (text: string): number[] => text.split(';').map(numberOf);
