import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Style, Surface } from '../../contract.ts';
import { cutSafe } from './line-break.ts';

/** Where a box lies on the surface it was drawn on. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** How a box looks: what it stands on, its border, and what is written in it. */
export interface BoxLook {
  readonly ground: Style;
  readonly border: Style;
}

export const widgetLook: BoxLook = {
  ground: { fg: 'editorWidget.foreground', bg: 'editorWidget.background' },
  border: { fg: 'widget.border', bg: 'editorWidget.background' },
};
export const quickLook: BoxLook = {
  ground: { fg: 'quickInput.foreground', bg: 'quickInput.background' },
  border: { fg: 'widget.border', bg: 'quickInput.background' },
};

const lines = {
  across: safeText('─'),
  down: safeText('│'),
  corners: [safeText('┌'), safeText('┐'), safeText('└'), safeText('┘')],
} as const;

export const contains = (box: Box, x: number, y: number): boolean =>
  x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;

/** A box in the middle, a third from the top, at most as large as there is room. */
export function placeBox(surface: Surface, width: number, height: number): Box {
  const wide = Math.max(0, Math.min(width, surface.width));
  const high = Math.max(0, Math.min(height, surface.height));
  return { x: (surface.width - wide) >> 1, y: Math.floor((surface.height - high) / 3), width: wide, height: high };
}

/** What is left for the content of a box: two columns of border and blank on each side, and its rows without the border. */
export const innerOf = (box: Box): Box => {
  const isTiny = box.width < 12 || box.height < 4;
  return isTiny ? box : { x: box.x + 2, y: box.y + 1, width: box.width - 4, height: box.height - 2 };
};

/** Draws a box with its title, and answers the surface inside. Where there is hardly room the border is left out. */
export function drawBox(surface: Surface, box: Box, title: SafeText, look: BoxLook): Surface {
  const { x, y, width, height } = box;
  surface.fill(x, y, width, height, look.ground);
  const inner = innerOf(box);
  if (inner.width < box.width) {
    const right = x + width - 1;
    const bottom = y + height - 1;
    for (const row of [y, bottom]) surface.fill(x, row, width, 1, look.border, lines.across);
    for (const column of [x, right]) surface.fill(column, y, 1, height, look.border, lines.down);
    const [topLeft, topRight, bottomLeft, bottomRight] = lines.corners;
    surface.text(x, y, topLeft, look.border);
    surface.text(right, y, topRight, look.border);
    surface.text(x, bottom, bottomLeft, look.border);
    surface.text(right, bottom, bottomRight, look.border);
    const shown = cutSafe(title, width - 6);
    if (displayWidth(shown) > 0) surface.text(x + 2, y, ` ${shown} ` as SafeText, { ...look.ground, bold: true });
  }
  return surface.area(inner.x, inner.y, inner.width, inner.height);
}
