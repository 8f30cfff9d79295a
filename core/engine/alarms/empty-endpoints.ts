import type { Catalog } from '../../catalog/contract.ts';
import { protecting } from '../../model/policies/select.ts';
import { numbered } from '../../model/policies/words.ts';
import { policiesInForce } from '../policies/in-force.ts';
import { moment } from './failed-runs.ts';
import { alarmOf, type FoundAlarm } from './found.ts';

/**
 * Finds endpoints that tell of no machine any more, though policies protected some: an account that has lost its rights looks like that, and without machines
 * nothing is promised and nothing can be missed.
 */
export async function emptyEndpoints(catalog: Catalog, configured: readonly string[]): Promise<readonly FoundAlarm[]> {
  const names = await catalog.machineNames();
  const there = new Set(names.filter(({ goneAt }) => goneAt === null).map(({ endpoint }) => endpoint));
  const known = new Set(names.map(({ endpoint }) => endpoint));
  const empty = configured.filter((endpoint) => known.has(endpoint) && !there.has(endpoint));
  if (empty.length === 0) return [];
  const policies = (await policiesInForce(catalog))?.set.policies ?? [];
  const found: FoundAlarm[] = [];
  for (const endpoint of empty) {
    const gone = await catalog.machines({ endpoint, gone: true });
    const lost = gone.filter((record) => protecting(policies, record).length > 0);
    if (lost.length === 0) continue;
    const since = Math.max(...lost.map(({ goneAt }) => goneAt ?? 0));
    found.push(
      alarmOf({
        key: `empty ${endpoint}`,
        kind: 'schedule',
        severity: 'critical',
        title: `${endpoint}: none of its machines is there any more`,
        lines: [
          `Since ${moment(since)} it tells of no machine at all. Policies protected ${numbered(lost.length, 'machine')} of it, and run for none now.`,
          'An account that may no longer see machines looks like this too.',
          ...lost.map(({ machine }) => `- ${machine.name}`),
        ],
        remedy: `holdfast endpoint check ${endpoint}`,
        facts: { endpoint, machines: lost.length },
        since,
      }),
    );
  }
  return found;
}
