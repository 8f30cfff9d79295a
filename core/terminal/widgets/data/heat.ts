import type { ChartPoint } from '@holdfast/api';
import type { SafeText } from '../../../model/text/safe-text.ts';
import type { Style, Surface } from '../../contract.ts';
import { weightOf } from './figures.ts';
import { quiet, repeat, toneStyle } from './label.ts';

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

const widestCell = 3;

/** Columns that each of `count` cells gets; below 1 several share one. */
const cellWidth = (count: number, width: number): number =>
  count <= width ? Math.min(widestCell, Math.floor(width / Math.max(1, count))) : width / count;

/** Where one of `count` cells begins. */
export const heatColumn = (index: number, count: number, width: number): number =>
  Math.max(0, Math.min(width - 1, Math.floor(index * cellWidth(count, width))));

/** How a row of a heat map is drawn. */
export interface HeatLook {
  /** Index of the selected cell; -1 or absent: none. */
  readonly selected?: number;
  /** Cells of the longest row, so that all rows stand in the same columns; default is those of this one. */
  readonly count?: number;
}

/** A row of a heat map. Where cells share a column the worst is seen. */
export function drawHeat(
  surface: Surface,
  x: number,
  y: number,
  width: number,
  points: readonly ChartPoint[],
  look: HeatLook = {},
): void {
  if (width < 1) return;
  const count = Math.max(points.length, look.count ?? 0);
  const columns = Math.max(1, cellWidth(count, width));
  const worst = new Map<number, ChartPoint>();
  for (const [index, point] of points.entries()) {
    const column = heatColumn(index, count, width);
    const other = worst.get(column);
    if (other === undefined || isWorse(point, other)) worst.set(column, point);
  }
  for (const [column, point] of worst) {
    const { sign, style } = levelOf(point);
    surface.text(x + column, y, repeat(sign, columns), style);
  }
  const selected = look.selected ?? -1;
  const chosen = points[selected];
  if (chosen === undefined) return;
  const { sign, style } = levelOf(chosen);
  const column = heatColumn(selected, count, width);
  surface.text(x + column, y, repeat(sign, columns), { ...style, bold: true, inverse: true });
}

export function drawHeatLegend(surface: Surface, x: number, y: number): void {
  let at = x;
  for (const { sign, style } of [...levels, ill]) at += surface.text(at, y, sign, style) + 1;
  surface.text(at, y, ' from well to ill' as SafeText, quiet);
}
