import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { cutToWidth, displayWidth, wrapToWidth } from '../../../shell/format/width.ts';
import type { Style, Surface } from '../../contract.ts';

/** Text cut to some columns; safe stays safe. */
export const cut = (text: SafeText, columns: number): SafeText => cutToWidth(text, columns) as SafeText;

/** Safe pieces put together are safe. */
export const joined = (...pieces: readonly SafeText[]): SafeText => pieces.join('') as SafeText;

/** Columns that a text takes. */
export const widthOf = (text: SafeText): number => displayWidth(text);

/** Draws text so that it ends before `right` (exclusive); answers where it begins. */
export function drawRight(surface: Surface, right: number, y: number, text: SafeText, style?: Style): number {
  const x = right - widthOf(text);
  surface.text(x, y, text, style);
  return x;
}

/** Draws a text of any length in lines from `y` on; answers the first line below it. */
export function drawWrapped(surface: Surface, x: number, y: number, text: string, style?: Style): number {
  const columns = Math.max(1, surface.width - x - 1);
  let line = y;
  for (const part of text.split('\n')) {
    for (const words of wrapToWidth(safeText(part), columns)) {
      if (line >= surface.height) return line;
      surface.text(x, line, cut(words as SafeText, columns), style);
      line += 1;
    }
  }
  return line;
}
