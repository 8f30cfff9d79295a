import type { Catalog, PointSum, RunRecord } from '../../../catalog/contract.ts';
import type { Covered } from '../../../engine/policies/contract.ts';

/** How old the newest restore point of a machine may be while no policy says otherwise: 24 hours. */
export const defaultObjectiveMs = 86_400_000;
/** The same in words. */
export const defaultObjective = '24 h';

export type ProtectionState = 'protected' | 'failed' | 'late' | 'unprotected' | 'gone';

/** A machine and how it is protected. */
export interface Protection {
  readonly endpoint: string;
  readonly machine: string;
  readonly name: string;
  readonly state: ProtectionState;
  /** On all targets. */
  readonly points: number;
  readonly newestAt: number | null;
  /** Why it cannot be protected; `null` when it can. */
  readonly problem: string | null;
  /** The run that failed after the newest restore point. */
  readonly failed: RunRecord | null;
  /** What its policies promise, in milliseconds; `null` when none says. */
  readonly rpoMs: number | null;
  /** Policies that protect it; empty: none does. */
  readonly policies: readonly string[];
}

/** More failures than anybody reads; those before them are older still. */
const mostFailures = 2_000;

/** Every machine that is there, and those that are gone while restore points of them are left. Asks the catalog only. */
export async function protectionOf(
  catalog: Catalog,
  sums: readonly PointSum[],
  now: number,
  covered: readonly Covered[] = [],
): Promise<readonly Protection[]> {
  const [names, failures] = await Promise.all([
    catalog.machineNames(),
    catalog.jobs.list({ states: ['failed', 'partial'], limit: mostFailures }),
  ]);
  const points = byMachine(sums);
  const failed = newestFailures(failures);
  const promised = new Map(covered.map((one) => [`${one.endpoint}\n${one.machine}`, one]));
  return names.flatMap(({ endpoint, machine, name, problem, goneAt }) => {
    const key = `${endpoint}\n${machine}`;
    const known = points.get(key) ?? { points: 0, newestAt: null };
    if (goneAt !== null && known.points === 0) return [];
    const failure = failed.get(key) ?? null;
    const since = failure !== null && failure.createdAt > (known.newestAt ?? 0) ? failure : null;
    const { rpoMs = null, policies = [] } = promised.get(key) ?? {};
    const state = goneAt === null ? stateOf(known.newestAt, since, now, rpoMs ?? defaultObjectiveMs) : 'gone';
    return [{ endpoint, machine, name, problem, ...known, state, failed: since, rpoMs, policies }];
  });
}

function stateOf(newestAt: number | null, failed: RunRecord | null, now: number, objectiveMs: number): ProtectionState {
  if (failed !== null) return 'failed';
  if (newestAt === null) return 'unprotected';
  return now - newestAt > objectiveMs ? 'late' : 'protected';
}

interface Known {
  readonly points: number;
  readonly newestAt: number | null;
}

function byMachine(sums: readonly PointSum[]): ReadonlyMap<string, Known> {
  const all = new Map<string, Known>();
  for (const { endpoint, machine, points, newestAt } of sums) {
    const key = `${endpoint}\n${machine}`;
    const known = all.get(key);
    all.set(key, {
      points: points + (known?.points ?? 0),
      newestAt: Math.max(newestAt, known?.newestAt ?? newestAt),
    });
  }
  return all;
}

/** The newest failed protection of each machine; they come newest first. */
function newestFailures(runs: readonly RunRecord[]): ReadonlyMap<string, RunRecord> {
  const failed = new Map<string, RunRecord>();
  for (const run of runs) {
    const key = `${run.endpoint}\n${run.machine}`;
    if (run.kind === 'protect' && !failed.has(key)) failed.set(key, run);
  }
  return failed;
}
