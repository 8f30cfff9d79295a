import { type SafeText, safeText } from '../../model/text/safe-text.ts';
import type { Key } from '../contract.ts';
import { keysByControl } from './key-tables.ts';

/** What is held down beside a key. */
export interface Modifiers {
  readonly shift: boolean;
  readonly alt: boolean;
  readonly ctrl: boolean;
}

export const bare: Modifiers = { shift: false, alt: false, ctrl: false };

/** Modifiers as terminals send them: 1 and a sum of shift 1, alt 2, ctrl 4. Meta (32) counts as alt; what else there is types nothing. */
export function modifiersOf(number: number): Modifiers {
  const bits = Math.max(0, number - 1);
  return { shift: (bits & 1) !== 0, alt: (bits & (2 | 32)) !== 0, ctrl: (bits & 4) !== 0 };
}

const asText = (name: string): SafeText | null => (name === 'space' ? (' ' as SafeText) : null);

/** A key that has a name, with modifiers: `ctrl+shift+right`. */
export function namedKey(name: string, { shift, alt, ctrl }: Modifiers = bare): Key {
  const full = `${ctrl ? 'ctrl+' : ''}${alt ? 'alt+' : ''}${shift ? 'shift+' : ''}${name}`;
  return { kind: 'key', name: full, text: full === name ? asText(name) : null };
}

/** A key that types a letter. With ctrl or alt it types nothing and has the small letter's name, with shift: `ctrl+shift+p`, `alt+x`. */
export function letterKey(letter: string, { shift, alt, ctrl }: Modifiers = bare): Key {
  if (letter === ' ') return namedKey('space', { shift, alt, ctrl });
  const small = letter.toLowerCase();
  const big = letter.toUpperCase();
  if (!ctrl && !alt) {
    const text = safeText(shift && big.length === letter.length ? big : letter, 64);
    return { kind: 'key', name: text, text };
  }
  return namedKey(small, { shift: shift || (letter !== small && small !== big), alt, ctrl });
}

/** A control character: `\r` is enter, `\x10` is `ctrl+p`. */
export function controlKey(code: number, alt = false): Key {
  const name = keysByControl.get(code) ?? `ctrl+${String.fromCharCode(code + 0x60)}`;
  if (!alt) return namedKey(name);
  return { kind: 'key', name: name.startsWith('ctrl+') ? `ctrl+alt+${name.slice(5)}` : `alt+${name}`, text: null };
}
