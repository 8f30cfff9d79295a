import { type Call, throwIfCancelled } from '@holdfast/api';
import { checkRepository } from '../check/check-repository.ts';
import { kindOf, Relisting } from '../check/inventory.ts';
import type { Damage } from '../damage.ts';
import { packOfName } from '../data/packs/format.ts';
import type { RepairAct, RepairPlan } from './contract.ts';
import { leaseFates } from './lease-fate.ts';
import { fateOfLeftover } from './leftover.ts';
import { manifestsNamed } from './manifests-named.ts';
import { homeOfPack } from './misplaced-pack.ts';
import type { RepairParts } from './parts.ts';
import { fateOfPack } from './salvage.ts';
import { beyondRepair } from './words.ts';

/** Checks, and says what can be done about what was found; see `Repository.planRepair`. The caller holds a lease. */
export async function planRepair(tier: 'fast' | 'full', parts: RepairParts, call: Call): Promise<RepairPlan> {
  const { damage } = await checkRepository(tier, parts, call);
  return { damage, acts: await actsFor(damage, parts, call) };
}

async function actsFor(damage: readonly Damage[], parts: RepairParts, call: Call): Promise<RepairAct[]> {
  const { plane } = parts;
  const damagedPacks = packsIn(damage);
  const weighed = new Map((await plane.weighPacks(damagedPacks, call)).map((pack) => [pack.pack, pack]));
  const leases = await leaseFates(damage, parts, call);
  const bad = new Set(damage.map(({ object }) => object));
  const now = new Relisting(parts.store, call);
  const named = damage.some(isUnneededManifest) ? await manifestsNamed(parts, call) : null;
  const acts: RepairAct[] = [];
  for (const one of damage) {
    const { object } = one;
    const pack = weighed.get(packOfName(object) ?? '');
    throwIfCancelled(call.signal, 'planning a repair');
    if (one.kind === 'unknown') acts.push({ object, act: 'none', detail: UNKNOWN });
    else if (isMisplaced(one)) acts.push(await homeOfPack(object, bad, now, parts.store, call));
    else if (pack !== undefined) acts.push(fateOfPack(object, pack));
    else if (leases.has(object)) acts.push({ object, ...(leases.get(object) ?? beyondRepair('lease', one)) });
    else if (one.kind === 'foreign') acts.push(await fateOfLeftover(object, bad, now));
    else acts.push(actOf(one, named));
  }
  return acts;
}

/** Packs that are there and are not as they should be. */
export function packsIn(damage: readonly Damage[]): string[] {
  return damage.flatMap(({ object, kind }) => (kind === 'missing' ? [] : (packOfName(object) ?? [])));
}

/** Something under `packs/` that is not what it is called. */
const isMisplaced = ({ object, kind }: Damage): boolean => kind === 'foreign' && object.startsWith('packs/');

const isUnneededManifest = ({ object, kind, concerns }: Damage): boolean =>
  kindOf(object) === 'manifest' && kind === 'damaged' && concerns.length === 0;

function actOf(damage: Damage, named: ReadonlySet<string> | null): RepairAct {
  const { object, kind } = damage;
  const what = kindOf(object);
  if (what === 'index') return { object, act: 'rebuild', detail: 'it is made anew from its packs' };
  if (what === 'pack') return { object, act: 'rebuild', detail: GONE };
  if (what === 'tombstone') return { object, act: 'remove', detail: 'nobody can read it, so it condemns nothing' };
  if (what === 'landing')
    return { object, act: 'remove', detail: 'its packs are as good as any; they stay as they are' };
  if (what === 'forgotten') return { object, act: 'remove', detail: SHOWN };
  const isLeftover = what === 'manifest' && kind === 'damaged' && named !== null && !named.has(object);
  if (isLeftover && isUnneededManifest(damage)) return { object, act: 'remove', detail: NEVER_COMMITTED };
  return { object, ...beyondRepair(what ?? (object === 'keys/' ? 'key' : null), damage) };
}

const UNKNOWN =
  'it may be whole, so nothing is done about it: update Holdfast, open the repository with another passphrase or the recovery words, or put back a copy of the folder `keys`; what belongs to another repository goes back there';
const GONE =
  'it is gone: the index is made anew without it; what was in it is read from its source by the next run, where that has not changed';
const SHOWN = 'nobody can read it, so it hides nothing: the restore point is shown; forget it once more if it is to go';
const NEVER_COMMITTED = 'no restore point was ever committed with it: it was left by a writer that broke off';
