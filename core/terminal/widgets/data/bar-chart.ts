import type { SafeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Surface } from '../../contract.ts';
import { barText } from './bar.ts';
import { type Cursor, figure, type Picture, placeOf } from './figures.ts';
import { cut, pad, plain, quiet, safe, textOf, toneSign, toneStyle } from './label.ts';
import { drawScrollBar } from './scroll-bar.ts';
import { drawSelection } from './table-rows.ts';
import type { Viewport } from './viewport.ts';

const left = 2;
const gap = 2;

/** Each bar in order, as the point that it stands for. */
export function barsOf({ series }: Pick<Picture, 'series'>): readonly Cursor[] {
  return series.flatMap(({ points }, at) => points.map((_, point) => ({ series: at, point })));
}

function nameOf({ series, now }: Picture, bar: Cursor): SafeText {
  const one = series[bar.series];
  const point = one?.points[bar.point];
  if (one === undefined || point === undefined) return '' as SafeText;
  const name = one.points.length === 1 && one.title !== '' ? one.title : null;
  const place = name ?? (point.id === undefined ? placeOf(point.x, now) : textOf(point.id, 100));
  const full = name === null && series.length > 1 && one.title !== '' ? safe`${one.title} ${place}` : place;
  return point.tone === undefined ? full : safe`${toneSign(point.tone)} ${full}`;
}

/** Bars from the left, one a row: what it is, how much, and how that compares with the rest. */
export function drawBars(surface: Surface, picture: Picture, bars: readonly Cursor[], view: Viewport): void {
  const { series, unit } = picture;
  view.fit(surface.height, bars.length);
  const seen = bars.slice(view.top, view.top + view.height);
  const pointOf = (bar: Cursor) => series[bar.series]?.points[bar.point];
  // Shares are of the whole; anything else is compared with the greatest.
  const greatest = series.reduce(
    (most, { points }) => points.reduce((max, { y }) => Math.max(max, y), most),
    unit === 'ratio' ? 1 : 0,
  );
  const values = seen.map((bar) => figure(pointOf(bar)?.y ?? 0, unit));
  const names = seen.map((bar) => cut(nameOf(picture, bar), Math.max(4, Math.floor(surface.width * 0.4))));
  const nameWidth = names.reduce((most, name) => Math.max(most, displayWidth(name)), 0);
  const valueWidth = values.reduce((most, value) => Math.max(most, displayWidth(value)), 0);
  const room = surface.width - left - nameWidth - valueWidth - 2 * gap - 1;
  for (const [row, bar] of seen.entries()) {
    const isSelected = view.top + row === view.selected;
    const own = isSelected ? drawSelection(surface, row, picture.isFocused) : plain;
    const point = pointOf(bar);
    const tone = isSelected && picture.isFocused ? own : toneStyle(point?.tone);
    surface.text(left, row, names[row] ?? ('' as SafeText), tone);
    surface.text(left + nameWidth + gap, row, pad(values[row] ?? ('' as SafeText), valueWidth, 'right'), own);
    if (room < 4 || greatest <= 0) continue;
    const style = point?.tone === undefined ? ({ fg: 'progressBar.background' } as const) : tone;
    surface.text(left + nameWidth + valueWidth + 2 * gap, row, barText((point?.y ?? 0) / greatest, room), style);
  }
  if (bars.length === 0) surface.text(left, 0, '–' as SafeText, quiet);
  if (surface.width > 4) drawScrollBar(surface, surface.width - 1, 0, view);
}
