import type { ChartPoint, Plain } from '@holdfast/api';
import type { Cursor, Series } from './figures.ts';
import { Stored } from './stored.ts';

/** The last point of the first series that has any: mostly the newest. */
export function firstCursor(series: readonly Series[]): Cursor | null {
  const at = series.findIndex(({ points }) => points.length > 0);
  return at < 0 ? null : { series: at, point: (series[at]?.points.length ?? 1) - 1 };
}

/** Several points may stand for the same thing: the one that is where it was counts, then the one at the same place along the axis. */
function samePoint(points: readonly ChartPoint[], { id, x }: ChartPoint, wasAt: number): number {
  const isSame = (point: ChartPoint | undefined): boolean =>
    point !== undefined && (id === undefined || point.id === id);
  const old = points[wasAt];
  if (isSame(old) && old?.x === x) return wasAt;
  const exact = points.findIndex((point) => isSame(point) && point.x === x);
  return exact >= 0 || id === undefined ? exact : points.findIndex(isSame);
}

/** The same point in new data: by what it stands for, or else by its place. Whoever was at the end stays at the end. */
export function sameCursor(before: readonly Series[], cursor: Cursor | null, after: readonly Series[]): Cursor | null {
  const old = cursor === null ? undefined : before[cursor.series];
  const point = old?.points[cursor?.point ?? -1];
  if (cursor === null || old === undefined || point === undefined) return firstCursor(after);
  const found = after.findIndex(({ title }) => title === old.title);
  const at = found >= 0 ? found : Math.min(cursor.series, after.length - 1);
  const points = after[at]?.points ?? [];
  if (points.length === 0) return firstCursor(after);
  const same = samePoint(points, point, cursor.point);
  const wasLast = cursor.point === old.points.length - 1;
  if (wasLast || same < 0)
    return { series: at, point: wasLast ? points.length - 1 : Math.min(cursor.point, points.length - 1) };
  return { series: at, point: same };
}

/** The point of another series that is nearest in place. */
export function beside(series: readonly Series[], cursor: Cursor, by: 1 | -1): Cursor | null {
  const x = series[cursor.series]?.points[cursor.point]?.x ?? 0;
  for (let at = cursor.series + by; at >= 0 && at < series.length; at += by) {
    const points = series[at]?.points ?? [];
    if (points.length === 0) continue;
    let nearest = 0;
    for (const [index, point] of points.entries()) {
      if (Math.abs(point.x - x) < Math.abs((points[nearest]?.x ?? 0) - x)) nearest = index;
    }
    return { series: at, point: nearest };
  }
  return null;
}

/** A cursor that was kept: the point's id where it has one, else where it was. */
export function restoredCursor(state: Plain, series: readonly Series[]): Cursor | null {
  const stored = new Stored(state);
  const id = stored.text('row');
  const kept = { series: stored.number('series') ?? -1, point: stored.number('point') ?? -1 };
  const there = series[kept.series]?.points[kept.point];
  if (there !== undefined && (id === null || there.id === id)) return kept;
  if (id === null) return null;
  for (const [at, { points }] of series.entries()) {
    const point = points.findIndex((one) => one.id === id);
    if (point >= 0) return { series: at, point };
  }
  return there === undefined ? null : kept;
}
