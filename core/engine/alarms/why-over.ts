import type { AlarmRow, Catalog } from '../../catalog/contract.ts';
import type { PlanBook } from '../schedules/plan-book.ts';
import type { Progress } from './failed-runs.ts';
import { collectionPrefix } from './keys.ts';

/** An alarm that is over, and why, where that is not because all is well: nobody is told that what was lost is in order. */
export type OverAlarm = AlarmRow & { readonly because: string | null };

/** Says why alarms are over. The policies must be readable. */
export async function withReasons(
  cleared: readonly AlarmRow[],
  catalog: Catalog,
  plans: PlanBook,
  progress: Progress,
  now: number,
): Promise<readonly OverAlarm[]> {
  if (cleared.length === 0) return [];
  const [names, book] = await Promise.all([catalog.machineNames(), plans.open()]);
  const there = new Set(
    names.filter(({ goneAt }) => goneAt === null).map(({ endpoint, machine }) => `${endpoint}\n${machine}`),
  );
  return cleared.map((alarm) => ({ ...alarm, because: reasonOf(alarm) }));

  function reasonOf({ key: of, kind, facts }: AlarmRow): string | null {
    if (of.startsWith(collectionPrefix))
      return 'the target is not configured any more, or is left to others to collect';
    const { endpoint, machine, rpoMs, policy, workflow } = facts as Readonly<Record<string, unknown>>;
    if (kind === 'rpo-missed' || kind === 'run-failed') {
      const key = `${String(endpoint)}\n${String(machine)}`;
      if (!there.has(key)) return 'the machine is not there any more';
      const newestAt = progress.newest.get(key);
      const isKept = newestAt !== undefined && now - newestAt <= Number(rpoMs);
      return kind === 'rpo-missed' && !isKept ? 'no policy promises that any more' : null;
    }
    if (typeof policy !== 'string' || typeof workflow !== 'string') return null;
    const entry = book?.find(policy, workflow) ?? null;
    if (entry === null) return 'no policy in force has this workflow any more';
    return entry.policy.isPaused ? 'the policy is paused' : null;
  }
}
