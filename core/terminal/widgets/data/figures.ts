import type { ChartPoint, ChartView, Tone } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatBytes, formatCount, formatRatio } from '../../../shell/format/numbers.ts';
import { formatDuration, formatMoment, formatRelative } from '../../../shell/format/times.ts';
import { own } from '../../../shell/render/own.ts';

const formats: Readonly<Record<ChartView['unit'], (value: number) => string>> = {
  bytes: formatBytes,
  count: formatCount,
  ms: formatDuration,
  ratio: formatRatio,
};

/** A value of a chart in words, with its unit. */
export const figure = (value: number, unit: ChartView['unit']): SafeText =>
  Number.isFinite(value) ? safeText((own(formats, unit) ?? formatCount)(value)) : ('–' as SafeText);

/** Numbers from this on are taken for moments: the year 1973 in milliseconds, more than anything that is counted along an axis. */
const earliest = 1e11;
export const isMoment = (x: number): boolean => x >= earliest;

/** Where a point stands along the axis: relative to now where that is a time. */
export const placeOf = (x: number, now: number): SafeText =>
  safeText(isMoment(x) ? formatRelative(x, now) : formatCount(x));

/** The same in full. */
export const placeInFull = (x: number, now: number): SafeText =>
  safeText(isMoment(x) ? `${formatMoment(x)} (${formatRelative(x, now)})` : formatCount(x));

export interface Range {
  readonly least: number;
  readonly greatest: number;
}

/** Least and greatest of some values; what is no number does not count. */
export function rangeOf(values: Iterable<number>): Range | null {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return least <= greatest ? { least, greatest } : null;
}

/** Where a value lies between the least and the greatest, 0 to 1; in the middle where all are the same. */
export function shareOf(value: number, { least, greatest }: Range): number {
  const share = (value - least) / (greatest - least);
  return Number.isFinite(share) ? Math.max(0, Math.min(1, share)) : 0.5;
}

/** A series as it is drawn. */
export interface Series {
  readonly title: SafeText;
  readonly points: readonly ChartPoint[];
}

/** The point that is selected. */
export interface Cursor {
  readonly series: number;
  readonly point: number;
}

/** What a chart is drawn from. */
export interface Picture {
  readonly series: readonly Series[];
  readonly unit: ChartView['unit'];
  readonly now: number;
  readonly cursor: Cursor | null;
  readonly isFocused: boolean;
}

/** The selected point of one series; -1 when it is in another one. */
export const selectedIn = ({ cursor }: Picture, series: number): number =>
  cursor !== null && cursor.series === series ? cursor.point : -1;

const severity: Readonly<Record<Tone, number>> = { bad: 5, risk: 4, active: 3, good: 2, quiet: 1 };

/** How much a point wants to be seen where several share a place. */
export const weightOf = (point: ChartPoint): number =>
  point.tone === undefined ? 0 : (own(severity, point.tone) ?? 0);

const mostPoints = 100_000;

/** Points that can be drawn, from left to right. */
export function pointsOf(points: readonly ChartPoint[]): readonly ChartPoint[] {
  const kept = points.slice(-mostPoints).filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  const isOrdered = kept.every(({ x }, index) => index === 0 || (kept[index - 1]?.x ?? x) <= x);
  return isOrdered ? kept : kept.toSorted((a, b) => a.x - b.x);
}
