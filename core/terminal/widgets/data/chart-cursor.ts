import type { Plain } from '@holdfast/api';
import type { Cursor, Series } from './figures.ts';
import { Stored } from './stored.ts';

/** The last point of the first series that has any: mostly the newest. */
export function firstCursor(series: readonly Series[]): Cursor | null {
  const at = series.findIndex(({ points }) => points.length > 0);
  return at < 0 ? null : { series: at, point: (series[at]?.points.length ?? 1) - 1 };
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
  const same = points.findIndex(({ id, x }) => (point.id === undefined ? x === point.x : id === point.id));
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
  if (id !== null) {
    for (const [at, { points }] of series.entries()) {
      const point = points.findIndex((one) => one.id === id);
      if (point >= 0) return { series: at, point };
    }
  }
  const at = stored.number('series') ?? -1;
  const point = stored.number('point') ?? -1;
  return series[at]?.points[point] === undefined ? null : { series: at, point };
}
