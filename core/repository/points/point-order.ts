import type { PointSummary } from '@holdfast/api';

/** Newest first: by the time of the state, then of the commit, then by identity so that the order is always the same. */
export function newestFirst(a: PointSummary, b: PointSummary): number {
  return b.takenAt - a.takenAt || b.committedAt - a.committedAt || (a.point < b.point ? -1 : 1);
}

/** Key under which restore points of one machine belong together. */
export const machineOf = (point: { readonly endpoint: string; readonly machine: string }): string =>
  `${point.endpoint}\u0000${point.machine}`;

/** The newest restore point of each machine. */
export function newestOfEach<T extends { readonly summary: PointSummary }>(points: readonly T[]): Map<string, T> {
  const newest = new Map<string, T>();
  for (const point of points) {
    const before = newest.get(machineOf(point.summary));
    if (before === undefined || newestFirst(point.summary, before.summary) < 0) {
      newest.set(machineOf(point.summary), point);
    }
  }
  return newest;
}
