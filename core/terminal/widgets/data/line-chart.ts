import type { SafeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Surface } from '../../contract.ts';
import { figure, type Picture, rangeOf, type Series, selectedIn } from './figures.ts';
import { accent, cut, pad, plain, quiet, safe } from './label.ts';
import { drawPlot } from './plot.ts';
import { sparkline } from './sparkline.ts';

const leastPanel = 5;
const here = '▌' as SafeText;

/** Curves: each series a panel of its own, so that nobody needs colours to tell them apart; a line of bars each where room is short. */
export function drawLines(surface: Surface, picture: Picture): void {
  const { series, unit, now } = picture;
  const each = Math.floor(surface.height / Math.max(1, series.length));
  if (each < leastPanel || surface.width < 30) {
    drawSparks(surface, picture);
    return;
  }
  for (const [index, { title, points }] of series.entries()) {
    const panel = surface.area(0, index * each, surface.width, each);
    const isTitled = title !== '';
    if (isTitled) panel.text(0, 0, cut(title, surface.width), series.length > 1 ? plain : quiet);
    const plot = panel.area(0, isTitled ? 1 : 0, surface.width, each - (isTitled ? 1 : 0));
    drawPlot(plot, points, unit, now, selectedIn(picture, index));
  }
}

function drawSparks(surface: Surface, picture: Picture): void {
  const { series, unit } = picture;
  const names = series.reduce((most, { title }) => Math.max(most, Math.min(20, displayWidth(title))), 0);
  // What is selected is seen even where there are more series than rows.
  const first = Math.max(
    0,
    Math.min((picture.cursor?.series ?? 0) - surface.height + 1, series.length - surface.height),
  );
  for (let row = 0; row < surface.height; row++) {
    const one = series[first + row];
    if (one === undefined) return;
    if (picture.isFocused && picture.cursor?.series === first + row) surface.text(0, row, here, accent);
    const x = 1 + surface.text(1, row, pad(one.title, names), quiet) + (names > 0 ? 2 : 0);
    const ends = endsOf(one, unit);
    const room = surface.width - x - displayWidth(ends) - 2;
    const hasEnds = room >= 8;
    const values = one.points.map(({ y }) => y);
    const taken = surface.text(x, row, sparkline(values, hasEnds ? room : Math.max(1, surface.width - x)), plain);
    if (hasEnds) surface.text(x + taken + 2, row, ends, quiet);
  }
}

function endsOf({ points }: Series, unit: Picture['unit']): SafeText {
  const range = rangeOf(points.map(({ y }) => y));
  return range === null ? ('–' as SafeText) : safe`${figure(range.least, unit)} … ${figure(range.greatest, unit)}`;
}
