import type { ChartPoint } from '@holdfast/api';
import type { SafeText } from '../../../model/text/safe-text.ts';
import type { Style, Surface } from '../../contract.ts';
import { weightOf } from './figures.ts';
import { quiet, toneStyle } from './label.ts';

interface Level {
  readonly sign: SafeText;
  readonly style: Style;
}

/** From well to ill; the darker the sign, the worse, so that it is read without colour too. */
const levels: readonly (Level & { readonly below: number })[] = [
  { below: 0.01, sign: '·' as SafeText, style: toneStyle('good') },
  { below: 0.34, sign: '░' as SafeText, style: toneStyle('good') },
  { below: 0.67, sign: '▒' as SafeText, style: toneStyle('risk') },
  { below: 1, sign: '▓' as SafeText, style: toneStyle('risk') },
];
const ill: Level = { sign: '█' as SafeText, style: toneStyle('bad') };

function levelOf(point: ChartPoint): Level {
  const level = levels.find(({ below }) => point.y < below) ?? ill;
  return point.tone === undefined ? level : { sign: level.sign, style: toneStyle(point.tone) };
}

const isWorse = (a: ChartPoint, b: ChartPoint): boolean => a.y > b.y || (a.y === b.y && weightOf(a) > weightOf(b));

/** Which of `width` columns a point is drawn in: more points than columns share them. */
export const heatColumn = (index: number, count: number, width: number): number =>
  count <= width ? index : Math.min(width - 1, Math.floor((index * width) / count));

/** A row of a heat map: one column each; where points share a column the worst is seen. */
export function drawHeat(
  surface: Surface,
  x: number,
  y: number,
  width: number,
  points: readonly ChartPoint[],
  selected = -1,
): void {
  const columns = Math.min(width, points.length);
  if (columns < 1) return;
  const worst = new Array<ChartPoint | undefined>(columns);
  for (const [index, point] of points.entries()) {
    const column = heatColumn(index, points.length, width);
    const other = worst[column];
    if (other === undefined || isWorse(point, other)) worst[column] = point;
  }
  for (const [column, point] of worst.entries()) {
    if (point === undefined) continue;
    const { sign, style } = levelOf(point);
    surface.text(x + column, y, sign, style);
  }
  const chosen = points[selected];
  if (chosen === undefined) return;
  const { sign, style } = levelOf(chosen);
  surface.text(x + heatColumn(selected, points.length, width), y, sign, { ...style, bold: true, inverse: true });
}

export function drawHeatLegend(surface: Surface, x: number, y: number): void {
  let at = x;
  for (const { sign, style } of [...levels, ill]) at += surface.text(at, y, sign, style) + 1;
  surface.text(at, y, ' from well to ill' as SafeText, quiet);
}
