import type { MachineRecord } from '../../../catalog/contract.ts';
import type { Policy, PolicySet } from '../../../model/policies/contract.ts';
import { selects } from '../../../model/policies/select.ts';
import type { Site } from '../../contract.ts';

/** How a policy keeps its recovery point objective. */
export interface KeptPromise {
  readonly policy: Policy;
  /** Those that it protects and that are there. */
  readonly machines: readonly {
    readonly record: MachineRecord;
    readonly newestAt: number | null;
    readonly isKept: boolean;
  }[];
}

/** How old the newest restore point of each machine is, against what its policies promise. */
export async function keptPromises(site: Site, set: PolicySet): Promise<readonly KeptPromise[]> {
  const catalog = await site.catalog();
  const [records, counts] = await Promise.all([catalog.machines({ gone: false }), catalog.pointCounts()]);
  const newest = new Map(counts.map(({ endpoint, machine, newestAt }) => [`${endpoint}\n${machine}`, newestAt]));
  const now = site.now();
  return set.policies.map((policy) => {
    const { rpoMs } = policy.objective;
    return {
      policy,
      machines: records
        .filter((record) => selects(policy.protect, record))
        .map((record) => {
          const newestAt = newest.get(`${record.endpoint}\n${record.machine.id}`) ?? null;
          return { record, newestAt, isKept: newestAt !== null && (rpoMs === null || now - newestAt <= rpoMs) };
        }),
    };
  });
}
