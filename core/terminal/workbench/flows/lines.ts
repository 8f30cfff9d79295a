import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { cutToWidth, displayWidth, wrapToWidth } from '../../../shell/format/width.ts';
import { signs } from '../../../shell/render/paint.ts';
import type { Style, Surface } from '../../contract.ts';
import type { ColourToken } from '../../theme/tokens.ts';
import type { Trouble } from './trouble.ts';

export const quiet: Style = { fg: 'descriptionForeground' };
export const strong: Style = { bold: true };

/** The colour that goes with a tone. */
export const toneStyle = (tone: keyof typeof signs): Style => ({ fg: `tone.${tone}` satisfies ColourToken });

/** What was made of safe text by cutting and joining is safe still. */
export const asSafe = (text: string): SafeText => text as SafeText;

/** One line, cut to what fits. Answers the columns that it took. */
export function drawLine(surface: Surface, x: number, y: number, text: SafeText, style?: Style): number {
  return surface.text(x, y, asSafe(cutToWidth(text, Math.max(0, surface.width - x))), style);
}

/** Sentences, broken at blanks. Answers the rows that they took. */
export function drawText(surface: Surface, x: number, y: number, text: SafeText, style?: Style, most = 8): number {
  const lines = wrapToWidth(text, Math.max(8, surface.width - x)).slice(0, most);
  for (const [row, line] of lines.entries()) drawLine(surface, x, y + row, asSafe(line), style);
  return lines.length;
}

/** A heading with a thin line to the right edge: `── What it would do ─────`. */
export function drawRule(surface: Surface, y: number, title: SafeText, detail: SafeText = safeText('')): void {
  const line: Style = { fg: 'panel.border' };
  surface.fill(0, y, surface.width, 1, line, asSafe('─'));
  const shown = cutToWidth(title, Math.max(0, surface.width - 6));
  surface.text(2, y, asSafe(` ${shown} `), { fg: 'panelTitle.activeForeground' });
  const room = surface.width - displayWidth(shown) - 10;
  if (detail === '' || room < 8) return;
  const cut = cutToWidth(detail, room);
  surface.text(surface.width - displayWidth(cut) - 4, y, asSafe(` ${cut} `), quiet);
}

/** What went wrong and what to do. Answers the rows that it took. */
export function drawTrouble(surface: Surface, x: number, y: number, { text, remedy }: Trouble): number {
  let rows = drawText(surface, x, y, asSafe(`${signs.bad} ${text}`), toneStyle('bad'), 4);
  if (remedy !== null) rows += drawText(surface, x, y + rows, asSafe(`  → ${remedy}`), undefined, 4);
  return rows;
}
