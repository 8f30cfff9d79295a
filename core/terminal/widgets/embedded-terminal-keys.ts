import type { Key, Mouse } from '../contract.ts';

/** What the program inside has asked its terminal for. */
export interface AskedFor {
  /** Arrows as `ESC O A` instead of `ESC [ A`. */
  readonly applicationCursor: boolean;
  readonly bracketedPaste: boolean;
  /** Whether it wants to know about the mouse, and whether in numbers (1006) or in bytes. */
  readonly mouse: 'none' | 'press' | 'drag';
  readonly mouseInNumbers: boolean;
}

const arrows: ReadonlyMap<string, string> = new Map([
  ['up', 'A'],
  ['down', 'B'],
  ['right', 'C'],
  ['left', 'D'],
  ['home', 'H'],
  ['end', 'F'],
]);
const firstKeys: ReadonlyMap<string, string> = new Map([
  ['f1', 'P'],
  ['f2', 'Q'],
  ['f3', 'R'],
  ['f4', 'S'],
]);
const numbered: ReadonlyMap<string, number> = new Map([
  ['insert', 2],
  ['delete', 3],
  ['pageup', 5],
  ['pagedown', 6],
  ...[15, 17, 18, 19, 20, 21, 23, 24].map((code, index): [string, number] => [`f${5 + index}`, code]),
]);
const simple: ReadonlyMap<string, string> = new Map([
  ['enter', '\r'],
  ['tab', '\t'],
  ['escape', '\x1b'],
  ['backspace', '\x7f'],
  ['space', ' '],
]);
const controls: ReadonlyMap<string, number> = new Map([
  ['space', 0],
  ['[', 27],
  ['\\', 28],
  [']', 29],
  ['^', 30],
  ['_', 31],
  ['/', 31],
  ['backspace', 8],
]);

/** What a terminal sends for a key; `''` for keys that it does not have. The opposite of the input decoder. */
export function bytesOfKey(key: Key, asked: AskedFor): string {
  if (key.text !== null) return key.text;
  const { base, shift, alt, ctrl } = partsOf(key.name);
  const held = 1 + (shift ? 1 : 0) + (alt ? 2 : 0) + (ctrl ? 4 : 0);
  const arrow = arrows.get(base);
  if (arrow !== undefined) {
    if (held > 1) return `\x1b[1;${held}${arrow}`;
    return `\x1b${asked.applicationCursor ? 'O' : '['}${arrow}`;
  }
  const first = firstKeys.get(base);
  if (first !== undefined) return held > 1 ? `\x1b[1;${held}${first}` : `\x1bO${first}`;
  const number = numbered.get(base);
  if (number !== undefined) return held > 1 ? `\x1b[${number};${held}~` : `\x1b[${number}~`;
  if (base === 'tab' && shift) return '\x1b[Z';
  const sent = ctrl ? controlOf(base) : (simple.get(base) ?? (shift ? base.toUpperCase() : base));
  return sent.length > 2 ? '' : `${alt && sent !== '' ? '\x1b' : ''}${sent}`;
}

/** What a terminal sends when something is pasted. */
export function bytesOfPaste(text: string, asked: AskedFor): string {
  const lines = text.replaceAll('\n', '\r');
  return asked.bracketedPaste ? `\x1b[200~${lines}\x1b[201~` : lines;
}

/** What a terminal sends for the mouse, when the program inside asked for it; otherwise `''`. */
export function bytesOfMouse(event: Mouse, asked: AskedFor): string {
  if (asked.mouse === 'none' || (event.action === 'drag' && asked.mouse !== 'drag')) return '';
  const buttons = { left: 0, middle: 1, right: 2, none: 3 };
  const isRelease = event.action === 'release';
  let bits = buttons[event.button];
  if (event.action === 'drag') bits += 32;
  if (event.action === 'wheel-up') bits = 64;
  if (event.action === 'wheel-down') bits = 65;
  const [x, y] = [event.x + 1, event.y + 1];
  if (asked.mouseInNumbers) return `\x1b[<${bits};${x};${y}${isRelease ? 'm' : 'M'}`;
  // Bytes reach no further than column 95 without becoming two in UTF-8.
  if (x > 95 || y > 95) return '';
  return `\x1b[M${String.fromCharCode(32 + (isRelease ? 3 : bits), 32 + x, 32 + y)}`;
}

function controlOf(base: string): string {
  if (/^[a-z]$/.test(base)) return String.fromCharCode(base.charCodeAt(0) - 0x60);
  const code = controls.get(base);
  return code === undefined ? (simple.get(base) ?? '') : String.fromCharCode(code);
}

function partsOf(name: string): { base: string; shift: boolean; alt: boolean; ctrl: boolean } {
  let base = name;
  const held = { shift: false, alt: false, ctrl: false };
  for (const modifier of ['ctrl', 'alt', 'shift'] as const) {
    if (!base.startsWith(`${modifier}+`) || base.length === modifier.length + 1) continue;
    held[modifier] = true;
    base = base.slice(modifier.length + 1);
  }
  return { base, ...held };
}
