import type { ChartPoint, ChartView } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { formatCount } from '../format/numbers.ts';
import { formatMoment, formatRelative } from '../format/times.ts';
import { cutToWidth } from '../format/width.ts';
import { own } from './own.ts';
import { paint, signs } from './paint.ts';
import type { TextStyle } from './text-style.ts';

const mostEvents = 200;
const idLength = 8;

function eventLine({ x, id, tone, notes = [] }: ChartPoint, style: TextStyle): string {
  const at = style.now === null ? formatMoment(x) : formatRelative(x, style.now);
  const sign = own(signs, tone ?? 'quiet') ?? '';
  const name = id === undefined ? [] : [safeText(id).slice(0, idLength)];
  const text = [...name, notes.map((note) => safeText(note)).join(', ')].filter((word) => word !== '').join('  ');
  const line = `  ${sign} ${at.padEnd(12)}  ${text}`;
  return paint(style.columns === null ? line : cutToWidth(line, style.columns), tone ?? 'quiet', style);
}

/** Events in time as lists, newest first: one list a series. A picture of them would say less to somebody who reads. */
export function renderTimeline(view: ChartView, style: TextStyle): readonly string[] {
  return view.series.flatMap(({ title, points }) => {
    const newestFirst = points.toSorted((a, b) => b.x - a.x);
    const more = newestFirst.length - mostEvents;
    return [
      `${safeText(title)}: ${formatCount(points.length)}`,
      ...newestFirst.slice(0, mostEvents).map((point) => eventLine(point, style)),
      ...(more > 0 ? [`  and ${formatCount(more)} older ones`] : []),
    ];
  });
}
