import type { SafeText } from '../../../model/text/safe-text.ts';
import type { Style, Surface } from '../../contract.ts';

/** What can be scrolled: a viewport, a scroller, a log. */
export interface Scrolled {
  readonly top: number;
  readonly height: number;
  readonly length: number;
}

const style: Style = { fg: 'scrollbarSlider.background' };
const slider = '▐' as SafeText;

/** Draws where in the whole one is, in one column; nothing where all can be seen. */
export function drawScrollBar(surface: Surface, x: number, y: number, { top, height, length }: Scrolled): void {
  if (length <= height || height < 2) return;
  const size = Math.max(1, Math.round((height * height) / length));
  const room = height - size;
  // The ends are told exactly: only at the very top does the slider touch the top.
  const exact = (top / (length - height)) * room;
  const at = top === 0 ? 0 : top >= length - height ? room : Math.max(1, Math.min(room - 1, Math.round(exact)));
  surface.fill(x, y + at, 1, size, style, slider);
}

/** The row that belongs to the top when a person points at a place of the scroll bar. */
export function topForBar(y: number, { height, length }: Scrolled): number {
  return height < 2 ? 0 : Math.round((y / (height - 1)) * Math.max(0, length - height));
}
