import type { ChartPoint } from '@holdfast/api';
import type { SafeText } from '../../../model/text/safe-text.ts';
import type { Style, Surface } from '../../contract.ts';
import { type Range, rangeOf, shareOf } from './figures.ts';
import { quiet, repeat, toneStyle } from './label.ts';

/** What a point of a timeline is shown as. Each sign takes one column. */
export interface PointSign {
  readonly sign: SafeText;
  readonly title: SafeText;
  readonly style: Style;
  /** Which one is seen where several points share a place. */
  readonly weight: number;
}

const made = (sign: string, title: string, style: Style, weight: number): PointSign => ({
  sign: sign as SafeText,
  title: title as SafeText,
  style,
  weight,
});
const failed = made('✗', 'failed', toneStyle('bad'), 7);
const atRisk = made('◐', 'at risk', toneStyle('risk'), 6);
const verified = made('◉', 'verified', toneStyle('good'), 5);
const locked = made('▣', 'locked', toneStyle('good'), 4);
const running = made('▶', 'running', toneStyle('active'), 3);
const good = made('●', 'complete', toneStyle('good'), 2);
const faint = made('○', 'quiet', toneStyle('quiet'), 1);

/** Signs from the one that is seen first to the one that gives way, for a legend. */
export const pointSigns: readonly PointSign[] = [good, verified, locked, running, atRisk, failed, faint];

const says = (point: ChartPoint, words: RegExp): boolean =>
  Array.isArray(point.notes) && point.notes.some((note) => words.test(String(note)));

/** What is wrong is said first; then what was proved; then what protects it. */
export function signOfPoint(point: ChartPoint): PointSign {
  if (point.tone === 'bad') return failed;
  if (point.tone === 'risk') return atRisk;
  if (point.tone === 'active') return running;
  if (says(point, /^(?:verified|booted|boot-tested|restore-tested)\b/i)) return verified;
  if (says(point, /^locked\b/i)) return locked;
  return point.tone === 'quiet' ? faint : good;
}

/** How a timeline is drawn. */
export interface TimelineLook {
  readonly now: number;
  /** Index of the selected point; -1 or absent: none. */
  readonly selected?: number;
  /** First and last moment; default is from the first point to now. */
  readonly range?: Range | null;
}

/** From the first point to now, so that one sees how long ago the last one was. */
export function timeRange(points: readonly ChartPoint[], now: number): Range | null {
  const range = rangeOf(points.map(({ x }) => x));
  return range === null ? null : { least: range.least, greatest: Math.max(range.greatest, now) };
}

/** Events on one line, each where its time puts it: `●──●─◉──✗─▣`. */
export function drawTimeline(
  surface: Surface,
  x: number,
  y: number,
  width: number,
  points: readonly ChartPoint[],
  look: TimelineLook,
): void {
  if (width < 1) return;
  surface.text(x, y, repeat('─' as SafeText, width), quiet);
  const range = look.range ?? timeRange(points, look.now);
  if (range === null) return;
  const shown = new Map<number, PointSign>();
  for (const point of points) {
    const column = Math.round(shareOf(point.x, range) * (width - 1));
    const sign = signOfPoint(point);
    if (sign.weight > (shown.get(column)?.weight ?? 0)) shown.set(column, sign);
  }
  for (const [column, { sign, style }] of shown) surface.text(x + column, y, sign, style);
  const selected = points[look.selected ?? -1];
  if (selected === undefined) return;
  const { sign, style } = signOfPoint(selected);
  const column = Math.round(shareOf(selected.x, range) * (width - 1));
  surface.text(x + column, y, sign, { ...style, bold: true, inverse: true });
}
