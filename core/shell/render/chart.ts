import type { ChartView } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { formatBytes, formatCount, formatRatio } from '../format/numbers.ts';
import { formatDuration } from '../format/times.ts';
import { displayWidth, padToWidth } from '../format/width.ts';
import { own } from './own.ts';
import type { TextStyle } from './text-style.ts';
import { renderTimeline } from './timeline.ts';

const bars = '▁▂▃▄▅▆▇█';
const most = 60;

const formats: Readonly<Record<ChartView['unit'], (value: number) => string>> = {
  bytes: formatBytes,
  count: formatCount,
  ms: formatDuration,
  ratio: formatRatio,
};

/** Takes so many points that they fit; of several that share a place the greatest counts. */
function squeeze(values: readonly number[], room: number): readonly number[] {
  if (values.length <= room) return values;
  return Array.from({ length: room }, (_, place) => {
    const from = Math.floor((place * values.length) / room);
    const to = Math.max(from + 1, Math.floor(((place + 1) * values.length) / room));
    return values.slice(from, to).reduce((a, b) => Math.max(a, b));
  });
}

/** A chart as one line a series: title, bars, least and greatest value; a timeline as lists of its events. */
export function renderChart(view: ChartView, style: TextStyle): readonly string[] {
  if (view.form === 'timeline') return renderTimeline(view, style);
  const format = own(formats, view.unit) ?? formatCount;
  const titles = view.series.map((series) => safeText(series.title));
  const width = Math.max(0, ...titles.map(displayWidth));
  const room = Math.max(10, Math.min(most, (style.columns ?? most) - width - 30));
  return view.series.map((series, index) => {
    const values = series.points.map((point) => point.y).filter(Number.isFinite);
    const title = padToWidth(titles[index] ?? '', width);
    if (values.length === 0) return `${title}  –`;
    const least = values.reduce((a, b) => Math.min(a, b));
    const greatest = values.reduce((a, b) => Math.max(a, b));
    const drawn = squeeze(values, room).map((value) => {
      const height = greatest === least ? 0 : (value - least) / (greatest - least);
      return bars[Math.round(height * (bars.length - 1))] ?? bars[0];
    });
    return `${title}  ${drawn.join('')}  ${format(least)} … ${format(greatest)}`;
  });
}
