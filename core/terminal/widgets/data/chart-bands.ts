import type { SafeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Surface } from '../../contract.ts';
import { type Cursor, type Picture, type Range, rangeOf, selectedIn, shareOf } from './figures.ts';
import { drawHeat, drawHeatLegend, heatColumn } from './heat.ts';
import { accent, pad, plain, quiet } from './label.ts';
import { drawScrollBar } from './scroll-bar.ts';
import { drawTimeAxis } from './time-axis.ts';
import { drawTimeline, pointSigns, signOfPoint } from './timeline.ts';
import type { Viewport } from './viewport.ts';

const left = 2;
const gap = 2;
const bar = '▌' as SafeText;
const caret = '▲' as SafeText;

interface Bands {
  /** Where points begin, and how many columns there are for them. */
  readonly x: number;
  readonly width: number;
  readonly names: number;
}

function layOut(columns: number, { series }: Picture): Bands {
  const most = Math.floor(columns * 0.3);
  let names = 0;
  for (const { title } of series.slice(0, 1000)) names = Math.max(names, Math.min(most, displayWidth(title)));
  const x = left + (names > 0 ? names + gap : 0);
  return { x, names, width: Math.max(0, columns - x - 1) };
}

function drawNames(surface: Surface, picture: Picture, { names }: Bands, rows: number, view: Viewport): void {
  view.fit(rows, picture.series.length);
  if (picture.cursor !== null) {
    view.place(picture.cursor.series);
    view.reveal();
  }
  for (let row = 0; row < rows; row++) {
    const one = picture.series[view.top + row];
    if (one === undefined) break;
    const isChosen = picture.cursor?.series === view.top + row && picture.series.length > 1;
    if (isChosen) surface.text(0, row, bar, picture.isFocused ? accent : quiet);
    surface.text(left, row, pad(one.title, names), isChosen ? { bold: true } : plain);
  }
  if (surface.width > 4) drawScrollBar(surface, surface.width - 1, 0, view);
}

/** One range for all, so that what happened at the same time stands in the same column. */
function rangeOfAll({ series, now }: Picture): Range | null {
  const ends = series.flatMap(({ points }) => [points[0]?.x ?? Number.NaN, points.at(-1)?.x ?? Number.NaN]);
  const range = rangeOf(ends);
  return range === null ? null : { least: range.least, greatest: Math.max(range.greatest, now) };
}

/** Timelines one below the other, the time below them, and what the signs mean. */
export function drawTimelines(surface: Surface, picture: Picture, view: Viewport): void {
  const bands = layOut(surface.width, picture);
  const { height } = surface;
  const below = height >= 3 ? 2 : height - 1;
  const rows = Math.max(1, Math.min(height - below, picture.series.length));
  drawNames(surface, picture, bands, rows, view);
  const range = rangeOfAll(picture);
  if (range === null || bands.width < 1) return;
  for (let row = 0; row < rows; row++) {
    const one = picture.series[view.top + row];
    if (one === undefined) break;
    const selected = selectedIn(picture, view.top + row);
    drawTimeline(surface, bands.x, row, bands.width, one.points, { now: picture.now, range, selected });
  }
  if (below >= 1) drawTimeAxis(surface, bands.x, rows, bands.width, range, picture.now);
  if (below >= 2) drawSigns(surface, bands.x, rows + 1, picture, view);
}

function drawSigns(surface: Surface, x: number, y: number, { series }: Picture, view: Viewport): void {
  const seen = new Set(series.slice(view.top, view.top + view.height).flatMap(({ points }) => points.map(signOfPoint)));
  let at = x;
  for (const one of pointSigns) {
    if (!seen.has(one)) continue;
    at += surface.text(at, y, one.sign, one.style) + 1;
    at += surface.text(at, y, one.title, quiet) + 3;
  }
}

/** The point of a timeline or a heat map that is nearest to a place in its row; `null` where there is no row. */
export function bandPointAt(
  picture: Picture,
  columns: number,
  x: number,
  row: number,
  view: Viewport,
  isHeat: boolean,
): Cursor | null {
  const at = view.top + row;
  const points = row < 0 || row >= view.height ? undefined : picture.series[at]?.points;
  if (points === undefined || points.length === 0) return null;
  const bands = layOut(columns, picture);
  const count = picture.series.reduce((most, one) => Math.max(most, one.points.length), 0);
  const range = rangeOfAll(picture);
  const columnOf = (index: number): number =>
    isHeat || range === null
      ? heatColumn(index, count, bands.width)
      : Math.round(shareOf(points[index]?.x ?? 0, range) * (bands.width - 1));
  let nearest = 0;
  for (const index of points.keys()) {
    if (Math.abs(columnOf(index) + bands.x - x) < Math.abs(columnOf(nearest) + bands.x - x)) nearest = index;
  }
  return { series: at, point: nearest };
}

/** A heat map: one row a series, one column a cell. */
export function drawHeatMap(surface: Surface, picture: Picture, view: Viewport): void {
  const bands = layOut(surface.width, picture);
  const { height } = surface;
  const below = height >= 3 ? 2 : 0;
  const rows = Math.max(1, Math.min(height - below, picture.series.length));
  drawNames(surface, picture, bands, rows, view);
  const count = picture.series.reduce((most, { points }) => Math.max(most, points.length), 0);
  for (let row = 0; row < rows; row++) {
    const one = picture.series[view.top + row];
    if (one === undefined) break;
    const selected = selectedIn(picture, view.top + row);
    drawHeat(surface, bands.x, row, bands.width, one.points, { selected, count });
  }
  if (below === 0) return;
  const { cursor } = picture;
  if (cursor !== null && bands.width > 0) {
    surface.text(bands.x + heatColumn(cursor.point, count, bands.width), rows, caret, accent);
  }
  drawHeatLegend(surface, bands.x, rows + 1);
}
