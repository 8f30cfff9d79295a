import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatMoment } from '../../../shell/format/times.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Surface } from '../../contract.ts';
import { type Range, shareOf } from './figures.ts';
import { quiet } from './label.ts';

const hour = 3_600_000;
const day = 24 * hour;
const steps = [hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 7 * day, 14 * day, 28 * day, 91 * day, 364 * day];
const leastColumns = 10;
/** JavaScript counts no further. */
const lastMoment = 8.64e15;

function nameOf(at: number, step: number): SafeText {
  if (Math.abs(at) > lastMoment) return '' as SafeText;
  const moment = formatMoment(at);
  if (step < day && at % day !== 0) return safeText(moment.slice(11, 16));
  if (step >= 28 * day) return safeText(moment.slice(0, 7));
  return safeText(`${new Date(at).toUTCString().slice(0, 3)} ${moment.slice(8, 10)}`);
}

/** Names moments below a timeline, in UTC, as many as there is room for. */
export function drawTimeAxis(surface: Surface, x: number, y: number, width: number, range: Range, now: number): void {
  const span = range.greatest - range.least;
  const step = steps.find((length) => (length / span) * width >= leastColumns);
  const isNow = range.greatest === now && width >= 8;
  const end = x + width - (isNow ? 5 : 0);
  let free = x;
  // Beyond them a step is lost in rounding, and the loop would not end.
  const isCounted = Math.abs(range.least) <= lastMoment && Math.abs(range.greatest) <= lastMoment;
  if (step !== undefined && isCounted) {
    for (let at = Math.ceil(range.least / step) * step; at <= range.greatest; at += step) {
      const name = nameOf(at, step);
      const column = x + Math.round(shareOf(at, range) * (width - 1));
      if (name === '' || column < free || column + displayWidth(name) > end) continue;
      free = column + surface.text(column, y, name, quiet) + 2;
    }
  }
  if (isNow) surface.text(x + width - 3, y, 'now' as SafeText, quiet);
}
