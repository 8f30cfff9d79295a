import type { Plain, PointRef, PointSummary } from '@holdfast/api';
import type { Catalog, MachineRecord, RunRecord } from '../../catalog/contract.ts';
import { movesOf } from '../run/figures.ts';

/** Runs that are learnt from, the newest. */
const runsToLearnFrom = 2_000;
/** Moves of less say more about beginning and ending than about speed, in bytes. */
const tellingBytes = 64 * 1024 * 1024;

/** What is known of machines, their restore points and earlier runs: all of it from the catalog, asked once. */
export interface Knowledge {
  /** Those that were ever seen, gone ones too. */
  readonly machines: readonly MachineRecord[];
  /** Restore points of a machine on a target, newest first. */
  pointsOf(endpoint: string, machine: string, target: string): readonly PointSummary[];
  /** Machines and targets that have restore points. */
  readonly heaps: readonly PointHeap[];
  /** Bytes per millisecond that were measured on a way; `null` before the first run. */
  speed(from: string, to: string): number | null;
  /** Milliseconds of a run of an endpoint in which no byte moved; `null` before the first. */
  overheadMs(endpoint: string): number | null;
  /** Bytes per millisecond that were found changed on a machine, by its incremental runs; `null` where there were none. */
  changePerMs(endpoint: string, machine: string): number | null;
}

/** The restore points of one machine on one target, newest first. */
export interface PointHeap {
  readonly endpoint: string;
  readonly machine: string;
  readonly target: string;
  readonly points: readonly PointSummary[];
}

const keyOf = (...parts: readonly string[]): string => parts.join('\n');

/** Asks the catalog for all that planning needs. */
export async function gatherKnowledge(catalog: Catalog): Promise<Knowledge> {
  const machines = await catalog.machines({});
  const heaps = new Map<string, PointHeap & { readonly points: PointSummary[] }>();
  for (const point of await catalog.points({})) {
    const { endpoint, machine, target } = point;
    const key = keyOf(endpoint, machine, target);
    const heap = heaps.get(key);
    if (heap === undefined) heaps.set(key, { endpoint, machine, target, points: [point] });
    else heap.points.push(point);
  }
  for (const { points } of heaps.values()) points.sort((a, b) => b.takenAt - a.takenAt || (a.point < b.point ? 1 : -1));
  const runs = await catalog.jobs.list({ states: ['done'], limit: runsToLearnFrom });
  const speeds = speedsOf(runs);
  const overheads = overheadsOf(runs);
  const changes = changesOf(
    runs,
    (endpoint, machine, target) => heaps.get(keyOf(endpoint, machine, target))?.points ?? [],
  );
  return {
    machines,
    heaps: [...heaps.values()],
    pointsOf: (endpoint, machine, target) => heaps.get(keyOf(endpoint, machine, target))?.points ?? [],
    speed: (from, to) => speeds.get(keyOf(from, to)) ?? null,
    overheadMs: (endpoint) => overheads.get(endpoint) ?? null,
    changePerMs: (endpoint, machine) => changes.get(keyOf(endpoint, machine)) ?? null,
  };
}

/** Bytes per millisecond by way. Where large moves were seen only they count. */
function speedsOf(runs: readonly RunRecord[]): ReadonlyMap<string, number> {
  const sums = new Map<string, { bytes: number; ms: number; isLarge: boolean }>();
  for (const { from, to, readBytes, durationMs } of runs.flatMap(({ result }) => movesOf(result))) {
    if (!(readBytes > 0) || !(durationMs > 0)) continue;
    const key = keyOf(from, to);
    const isLarge = readBytes >= tellingBytes;
    const sum = sums.get(key);
    if (sum === undefined || (isLarge && !sum.isLarge)) sums.set(key, { bytes: readBytes, ms: durationMs, isLarge });
    else if (isLarge === sum.isLarge) {
      sum.bytes += readBytes;
      sum.ms += durationMs;
    }
  }
  return new Map([...sums].map(([key, { bytes, ms }]) => [key, bytes / ms]));
}

/** The middle of what runs of each endpoint took beside moving bytes. */
function overheadsOf(runs: readonly RunRecord[]): ReadonlyMap<string, number> {
  const rests = new Map<string, number[]>();
  for (const { kind, endpoint, startedAt, endedAt, result } of runs) {
    const moves = movesOf(result);
    if (kind !== 'protect' || startedAt === null || endedAt === null || moves.length === 0) continue;
    const rest = endedAt - startedAt - moves.reduce((sum, { durationMs }) => sum + durationMs, 0);
    const known = rests.get(endpoint);
    if (known === undefined) rests.set(endpoint, [Math.max(0, rest)]);
    else known.push(Math.max(0, rest));
  }
  return new Map(
    [...rests].map(([endpoint, all]) => [endpoint, all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0]),
  );
}

/** Bytes per millisecond by machine: what incremental runs read, through the time since the point before. */
function changesOf(
  runs: readonly RunRecord[],
  pointsOf: (endpoint: string, machine: string, target: string) => readonly PointSummary[],
): ReadonlyMap<string, number> {
  const sums = new Map<string, { bytes: number; ms: number }>();
  for (const { kind, endpoint, machine, result } of runs) {
    const made = pointOf(result);
    if (kind !== 'protect' || made === null) continue;
    const points = pointsOf(endpoint, machine, made.target);
    const at = points.findIndex(({ point }) => point === made.point);
    const [point, before] = at < 0 ? [] : points.slice(at, at + 2);
    if (point === undefined || before === undefined || !before.disks.some(({ changeToken }) => changeToken !== null))
      continue;
    const bytes = movesOf(result).reduce((sum, { readBytes }) => sum + readBytes, 0);
    // A run that fell back to reading all of it tells nothing of changes.
    if (bytes >= 0.9 * point.sizeBytes || point.takenAt <= before.takenAt) continue;
    const key = keyOf(endpoint, machine);
    const sum = sums.get(key) ?? { bytes: 0, ms: 0 };
    sums.set(key, { bytes: sum.bytes + bytes, ms: sum.ms + point.takenAt - before.takenAt });
  }
  return new Map([...sums].map(([key, { bytes, ms }]) => [key, bytes / ms]));
}

function pointOf(result: Plain): Pick<PointRef, 'target' | 'point'> | null {
  if (typeof result !== 'object' || result === null || !('point' in result)) return null;
  const { point: made } = result;
  if (typeof made !== 'object' || made === null || !('target' in made) || !('point' in made)) return null;
  const { target, point } = made;
  return typeof target === 'string' && typeof point === 'string' ? { target, point } : null;
}
