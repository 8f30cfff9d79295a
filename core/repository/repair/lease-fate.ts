import { type Call, isHoldfastError } from '@holdfast/api';
import { kindOf, Relisting } from '../check/inventory.ts';
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
  const damaged = damage.flatMap(({ object, kind }) => (isLease(object) && kind !== 'unknown' ? [object] : []));
  const fates = new Map<string, Fate>();
  if (damaged.length === 0) return fates;
  // What nobody here can read may be as it should be, but it tells us nothing.
  const bad = new Set(damage.flatMap(({ object }) => (isLease(object) ? [object] : [])));
  const heardAt = new Map<string, number>();
  const whole = new Map<string, string[]>();
  for await (const { name, modifiedAt } of parts.store.list('leases/', call)) {
    heardAt.set(name, modifiedAt);
    if (!bad.has(name)) whole.set(leaseOf(name), [...(whole.get(leaseOf(name)) ?? []), name]);
  }
  const commits = new Relisting(parts.store, call);
  for (const name of damaged) {
    const siblings = whole.get(leaseOf(name)) ?? [];
    // Any whole one tells as much: they all say the same, or that it has ended.
    if (siblings.some((other) => other.endsWith('.end'))) fates.set(name, { act: 'remove', detail: OVER });
    else if (siblings.length > 0) fates.set(name, { act: 'remove', detail: SPARE });
    else if (await commits.has(commitName(leaseOf(name)))) fates.set(name, { act: 'remove', detail: OVER });
    else {
      const isOld = parts.terms.now() - (heardAt.get(name) ?? 0) > parts.terms.silentAfterMs;
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

const isLease = (object: string): boolean => kindOf(object) === 'lease';
const leaseOf = (name: string): string => name.slice('leases/'.length).split('.')[0] ?? '';
