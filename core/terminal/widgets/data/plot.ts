import type { ChartPoint, ChartView } from '@holdfast/api';
import type { SafeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Style, Surface } from '../../contract.ts';
import { figure, placeOf, type Range, rangeOf, shareOf } from './figures.ts';
import { accent, pad, quiet, repeat, toneSign, toneStyle } from './label.ts';

/** Bits of a Braille letter, by row from above, left and right. */
const dots: readonly (readonly [left: number, right: number])[] = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];
const line: Style = { fg: 'textLink.foreground' };
const here = '◆' as SafeText;

/** Rows and columns of dots that a curve goes through: for each column from and to. */
function curve(points: readonly ChartPoint[], xs: Range, ys: Range, columns: number, rows: number) {
  const from = new Int32Array(columns).fill(-1);
  const to = new Int32Array(columns).fill(-1);
  const dot = (column: number, a: number, b: number): void => {
    const low = Math.min(a, b);
    const high = Math.max(a, b);
    from[column] = from[column] === -1 ? low : Math.min(from[column] ?? low, low);
    to[column] = Math.max(to[column] ?? high, high);
  };
  let before: { x: number; y: number } | null = null;
  for (const point of points) {
    const x = Math.round(shareOf(point.x, xs) * (columns - 1));
    const y = Math.round((1 - shareOf(point.y, ys)) * (rows - 1));
    const start: { x: number; y: number } = before ?? { x, y };
    let last = start.y;
    for (let column = start.x + 1; column < x; column++) {
      const at = Math.round(start.y + ((y - start.y) * (column - start.x)) / (x - start.x));
      dot(column, at, last + Math.sign(at - last));
      last = at;
    }
    dot(x, y, x === start.x ? start.y : last + Math.sign(y - last));
    before = { x, y };
  }
  return { from, to };
}

/** Draws a curve with its axes: greatest and least value at the left, where it begins and ends below. */
export function drawPlot(
  surface: Surface,
  points: readonly ChartPoint[],
  unit: ChartView['unit'],
  now: number,
  selected: number,
): void {
  const xs = rangeOf(points.map(({ x }) => x));
  const ys = rangeOf(points.map(({ y }) => y));
  if (xs === null || ys === null) return;
  const most = figure(ys.greatest, unit);
  const least = figure(ys.least, unit);
  const left = Math.max(displayWidth(most), displayWidth(least)) + 1;
  const width = surface.width - left - 1;
  const height = surface.height - 1;
  if (width < 2 || height < 1) return;
  const { from, to } = curve(points, xs, ys, width * 2, height * 4);
  for (let row = 0; row < height; row++) {
    const name = row === 0 ? most : row === height - 1 ? least : ('' as SafeText);
    surface.text(0, row, pad(name, left - 1, 'right'), quiet);
    surface.text(left, row, (name === '' ? '│' : '┤') as SafeText, quiet);
    let text = '';
    for (let column = 0; column < width; column++) {
      let bits = 0;
      for (const [at, [leftBit, rightBit]] of dots.entries()) {
        const y = row * 4 + at;
        if (y >= (from[column * 2] ?? 0) && y <= (to[column * 2] ?? -1)) bits |= leftBit;
        if (y >= (from[column * 2 + 1] ?? 0) && y <= (to[column * 2 + 1] ?? -1)) bits |= rightBit;
      }
      text += bits === 0 ? ' ' : String.fromCharCode(0x2800 + bits);
    }
    surface.text(left + 1, row, text as SafeText, line);
  }
  for (const [index, point] of points.entries()) {
    const isWrong = point.tone === 'bad' || point.tone === 'risk';
    if (!isWrong && index !== selected) continue;
    const x = left + 1 + Math.floor(Math.round(shareOf(point.x, xs) * (width * 2 - 1)) / 2);
    const y = Math.floor(Math.round((1 - shareOf(point.y, ys)) * (height * 4 - 1)) / 4);
    if (index === selected) surface.text(x, y, here, accent);
    else surface.text(x, y, toneSign(point.tone), toneStyle(point.tone));
  }
  surface.text(left, height, '└' as SafeText, quiet);
  surface.text(left + 1, height, repeat('─' as SafeText, width), quiet);
  const end = placeOf(xs.greatest, now);
  const begin = placeOf(xs.least, now);
  surface.text(left + 2, height, begin, quiet);
  if (displayWidth(begin) + displayWidth(end) + 4 <= width) {
    surface.text(surface.width - 1 - displayWidth(end), height, end, quiet);
  }
}
