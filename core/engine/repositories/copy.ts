import { type Call, isHoldfastError, type PointSummary } from '@holdfast/api';
import type { Repository } from '../../repository/contract.ts';
import type { CopyOptions, CopyResult } from '../../repository/copy/contract.ts';
import { areFamily, insideOf } from '../../repository/copy/inside.ts';
import { refuseSame } from '../../repository/copy/same.ts';
import { refuseRolledBack } from '../points/rollback.ts';
import type { EngineParts } from '../run/parts.ts';
import { problemOf } from './alarm.ts';
import type { Synchronised, SyncOutcome, SyncPlan, SyncWish } from './contract.ts';
import { expireThere, wantedThere } from './wanted-there.ts';

/** Copies a restore point of one target to another. @see RepositoryEngine.copy */
export async function copyPoint(
  parts: EngineParts,
  from: string,
  point: string,
  to: string,
  options: CopyOptions,
  call: Call,
): Promise<CopyResult> {
  const source = await parts.openRepository(from, call);
  const destination = await parts.openRepository(to, call);
  await refuseSame(source, destination, call);
  const { summary } = await source.open(point, call);
  await refuseRolledBack(parts.catalog, destination, { endpoint: summary.endpoint, machine: summary.machine }, call);
  return copyInto(parts, source, summary, destination, options, call);
}

async function copyInto(
  parts: EngineParts,
  source: Repository,
  { point }: PointSummary,
  destination: Repository,
  options: CopyOptions,
  call: Call,
): Promise<CopyResult> {
  const result = await destination.copyFrom(source, point, options, call);
  const { summary } = await destination.open(result.point, call);
  await parts.catalog.savePoints([summary]);
  return result;
}

/** The restore points that a sync would look at, oldest first, and how they would travel. */
export async function planSync(parts: EngineParts, wish: SyncWish, call: Call): Promise<SyncPlan> {
  const source = await parts.openRepository(wish.from, call);
  const destination = await parts.openRepository(wish.to, call);
  await refuseSame(source, destination, call);
  const points = (await source.points(wish.machine ?? {}, call))
    .filter(({ takenAt }) => wish.since === null || takenAt >= wish.since)
    .toSorted((a, b) => a.takenAt - b.takenAt || a.committedAt - b.committedAt);
  return {
    relation: areFamily(insideOf(source), insideOf(destination)) ? 'family' : 'unrelated',
    ...(await wantedThere(
      parts,
      wish.to,
      points,
      await destination.points(wish.machine ?? {}, call),
      wish.again === true,
    )),
  };
}

/**
 * What is wrong with a restore point alone; anything else concerns all that would come after it too. What the destination cannot give back
 * (`VERIFY_FAILED`) may well not be needed by the next one.
 */
const ofOne = [
  'REPOSITORY_DAMAGED',
  'POINT_NOT_FOUND',
  'REPOSITORY_ROLLED_BACK',
  'VERIFY_FAILED',
  'LEASE_LOST',
] as const;

/** Copies restore points one after the other. @see RepositoryEngine.sync */
export async function syncTargets(
  parts: EngineParts,
  { from, to }: Pick<SyncWish, 'from' | 'to'>,
  points: readonly PointSummary[],
  options: CopyOptions,
  call: Call,
  told: (one: Synchronised) => void = () => {},
): Promise<SyncOutcome> {
  const source = await parts.openRepository(from, call);
  const destination = await parts.openRepository(to, call);
  await refuseSame(source, destination, call);
  const done: Synchronised[] = [];
  const asked = new Set<string>();
  for (const point of points) {
    const { endpoint, machine } = point;
    const machineKey = JSON.stringify([endpoint, machine]);
    let one: Synchronised;
    try {
      // Once for each machine is enough: what is copied here cannot make it older.
      if (!asked.has(machineKey)) await refuseRolledBack(parts.catalog, destination, { endpoint, machine }, call);
      asked.add(machineKey);
      const result = await copyInto(parts, source, point, destination, options, call);
      one = { point, result, problem: null };
    } catch (thrown) {
      if (!ofOne.some((code) => isHoldfastError(thrown, code))) throw thrown;
      const { code, message } = problemOf(thrown);
      one = { point, result: null, problem: { code, message } };
    }
    done.push(one);
    told(one);
  }
  const copied = done.flatMap(({ point, result }) => (result?.wasThere === false ? [point] : []));
  return { done, forgotten: await expireThere(parts, destination, copied, call) };
}
