import { type Call, type Cell, HoldfastError, type MoveResult } from '@holdfast/api';
import type { RunRecord, RunState } from '../../catalog/contract.ts';
import type { Site } from '../contract.ts';
import { stateCell } from '../view/build.ts';
import { byIdentity, shortId } from './names.ts';

const searched = 1000;

/** The run that someone means by its identity or the beginning of it. Throws `RUN_NOT_FOUND`. */
export async function findRun(site: Site, wanted: string): Promise<RunRecord> {
  const { jobs } = await site.catalog();
  const exact = await jobs.get(wanted);
  if (exact !== null) return exact;
  const runs = await jobs.list({ limit: searched });
  return byIdentity(wanted, runs, (run) => run.id, 'run', 'RUN_NOT_FOUND');
}

const tones: Readonly<Record<RunState, Parameters<typeof stateCell>[1]>> = {
  waiting: 'quiet',
  running: 'active',
  done: 'good',
  partial: 'risk',
  failed: 'bad',
  cancelled: 'quiet',
};

/** A run's state with its sign. */
export const runState = (state: RunState): Cell => stateCell(state, tones[state]);

/** Sums over the disks of a finished run. */
export interface RunSums {
  readonly readBytes: number;
  readonly zeroBytes: number;
  readonly duplicateBytes: number;
  readonly newBytes: number;
  readonly storedBytes: number;
  readonly bottleneck: MoveResult['bottleneck'] | null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** The sums of a run's result; `null` while it has none. */
export function sumsOf(result: unknown): RunSums | null {
  const disks = isRecord(result) && isRecord(result.disks) ? Object.values(result.disks).filter(isRecord) : null;
  if (disks === null) return null;
  const sum = (key: keyof MoveResult): number => disks.reduce((total, disk) => total + number(disk[key]), 0);
  const slowest = disks.reduce<Readonly<Record<string, unknown>> | null>(
    (worst, disk) => (worst === null || number(disk.durationMs) > number(worst.durationMs) ? disk : worst),
    null,
  );
  return {
    readBytes: sum('readBytes'),
    zeroBytes: sum('zeroBytes'),
    duplicateBytes: sum('duplicateBytes'),
    newBytes: sum('newBytes'),
    storedBytes: sum('storedBytes'),
    bottleneck: (slowest?.bottleneck as RunSums['bottleneck']) ?? null,
  };
}

/** How the machine's state was taken; `null` when it was not. */
export function snapshotOf(result: unknown): { readonly consistency: string; readonly frozenMs: number } | null {
  const taken = isRecord(result) ? result.snapshot : null;
  if (!isRecord(taken) || typeof taken.consistency !== 'string') return null;
  return { consistency: taken.consistency, frozenMs: number(taken.frozenMs) };
}

/** The restore point that a run made; `null` when it made none. */
export function pointOf(result: unknown): string | null {
  const point = isRecord(result) ? result.point : null;
  return isRecord(point) && typeof point.point === 'string' ? point.point : null;
}

/** The machine that a run restored; `null` when it restored none. */
export function machineOf(result: unknown): string | null {
  const machine = isRecord(result) ? result.machine : null;
  return typeof machine === 'string' ? machine : null;
}

/** Restore points that went when a run was over. */
export function expiredOf(result: unknown): readonly string[] {
  return isRecord(result) && Array.isArray(result.expired) ? result.expired.map(String) : [];
}

/** The error that a run ended with, to be thrown; `null` when it ended well. */
export function failureOfRun(run: RunRecord): HoldfastError | null {
  if (run.state === 'done' || run.state === 'partial') return null;
  const facts = { run: run.id, machine: run.machineName };
  if (run.error === null) {
    const code = run.state === 'cancelled' ? 'CANCELLED' : 'INTERNAL';
    return new HoldfastError(code, `run ${run.id} of ${run.machineName} ended as ${run.state}`, { facts });
  }
  const { code, message, remedy } = run.error;
  const details = remedy === null ? { facts } : { facts, remedy };
  // The catalog keeps codes as text; one that this version does not know is told all the same.
  return new HoldfastError(code as HoldfastError['code'], message, details);
}

/** Says which run has begun, so that it can be followed or stopped from elsewhere. */
export function tellBegun(site: Site, run: RunRecord, call: Call): void {
  call.log(
    'info',
    `run ${run.id} of ${run.machineName} (follow it elsewhere: ${site.invocation} run watch ${shortId(run.id)})`,
  );
}
