import type { SafeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Style, Surface } from '../../contract.ts';
import { wrapText } from './wrap.ts';

/** A piece of a line, drawn in one style. */
export interface Span {
  readonly text: SafeText;
  readonly style: Style;
}

export type Line = readonly Span[];

export function drawLine(surface: Surface, x: number, y: number, line: Line): void {
  let at = x;
  for (const { text, style } of line) at += surface.text(at, y, text, style);
}

/** Breaks styled text at blanks into lines of at most `columns` columns. */
export function wrapSpans(spans: Line, columns: number): readonly Line[] {
  const room = Math.max(1, columns);
  const lines: Span[][] = [[]];
  let width = 0;
  const put = (text: SafeText, style: Style): void => {
    lines.at(-1)?.push({ text, style });
    width += displayWidth(text);
  };
  for (const { text, style } of spans) {
    // Blanks stay with the word before them, so that they vanish at the end of a line.
    for (const word of text.match(/[^ ]+ *| +/g) ?? []) {
      const bare = word.trimEnd();
      if (width > 0 && width + displayWidth(bare) > room) {
        lines.push([]);
        width = 0;
      }
      if (bare === '' && width === 0) continue;
      if (displayWidth(bare) <= room) {
        put(word as SafeText, style);
        continue;
      }
      for (const [index, piece] of wrapText(bare as SafeText, room).entries()) {
        if (index > 0) {
          lines.push([]);
          width = 0;
        }
        put(piece, style);
      }
      if (word !== bare) put(' ' as SafeText, style);
    }
  }
  return lines;
}
