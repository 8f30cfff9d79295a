import { type Call, isHoldfastError } from '@holdfast/api';
import { isStored, kindOf } from '../check/inventory.ts';
import type { Damage } from '../damage.ts';
import { commitName } from '../documents/names.ts';
import type { RepairAct } from './contract.ts';
import type { RepairParts } from './parts.ts';

type Fate = Pick<RepairAct, 'act' | 'detail'>;

const OVER = 'nobody can read it, and its writer or reader is over';
const SPARE = 'nobody can read it; others say the same of that writer or reader';
const SILENT = 'nobody can read it, and nothing was heard since: whoever it was can no longer commit';
const MAYBE_ALIVE = 'nobody can read it, but it is new: its writer may be at work. Look again when that has ended';

/** What becomes of leases that cannot be read, by name of the object. */
export async function leaseFates(
  damage: readonly Damage[],
  parts: Pick<RepairParts, 'store' | 'terms'>,
  call: Call,
): Promise<ReadonlyMap<string, Fate>> {
  const damaged = damage.flatMap(({ object }) => (kindOf(object) === 'lease' ? [object] : []));
  const fates = new Map<string, Fate>();
  if (damaged.length === 0) return fates;
  const bad = new Set(damaged);
  const objects = new Map<string, number>();
  for await (const { name, modifiedAt } of parts.store.list('leases/', call)) objects.set(name, modifiedAt);
  for (const name of damaged) {
    const lease = leaseOf(name);
    const siblings = [...objects].filter(([other]) => leaseOf(other) === lease && !bad.has(other));
    // Any whole one tells as much: they all say the same, or that it has ended.
    if (siblings.some(([other]) => other.endsWith('.end'))) fates.set(name, { act: 'remove', detail: OVER });
    else if (siblings.length > 0) fates.set(name, { act: 'remove', detail: SPARE });
    else if (await isStored(parts.store, commitName(lease), call)) fates.set(name, { act: 'remove', detail: OVER });
    else {
      const isOld = parts.terms.now() - (objects.get(name) ?? 0) > parts.terms.silentAfterMs;
      fates.set(name, isOld ? { act: 'remove', detail: SILENT } : { act: 'none', detail: MAYBE_ALIVE });
    }
  }
  return fates;
}

/**
 * Sees to it that whoever held a lease that is to be removed can never commit: what it has stored is then nobody's. Who has committed, or has
 * another lease object that is whole, is left alone.
 */
export async function fence(name: string, parts: Pick<RepairParts, 'documents' | 'terms'>, call: Call): Promise<void> {
  const lease = leaseOf(name);
  const { documents, terms } = parts;
  const commit = commitName(lease);
  const fenced = { version: 1, lease, state: 'fenced', fencedAt: terms.now() };
  try {
    await documents.put(documents.seal(commit, fenced), call);
    call.log('warn', `the writer ${lease}, whose lease cannot be read, can no longer commit`);
  } catch (failure) {
    if (!isHoldfastError(failure, 'OBJECT_EXISTS')) throw failure;
  }
}

/** Whether a lease object goes because its holder is silent, and not because it is over or told of elsewhere. */
export const mustFence = (act: RepairAct): boolean => act.detail === SILENT;

const leaseOf = (name: string): string => name.slice('leases/'.length).split('.')[0] ?? '';
