import { safeText } from '../../model/text/safe-text.ts';
import type { Paste } from '../contract.ts';

/** More than anyone means to paste into a field; what is beyond is dropped. In UTF-16 units. */
export const longestPaste = 256 * 1024;

/** `<U+202E>` is what one unit becomes at most. */
const longestMark = 10;

/** What was pasted, with nothing left in it that acts: line ends are `\n`, tabs are blanks, other controls are made visible. */
export function pasteOf(raw: string): Paste {
  const lines = raw.slice(0, longestPaste).replace(/\r\n?/g, '\n').replaceAll('\t', ' ').split('\n');
  const safe = lines.map((line) => safeText(line, line.length * longestMark + 1));
  return { kind: 'paste', text: safe.join('\n') };
}
