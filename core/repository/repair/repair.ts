import { type Call, throwIfCancelled } from '@holdfast/api';
import { damageOf } from '../check/damage-report.ts';
import { kindOf, Relisting } from '../check/inventory.ts';
import { condemn } from '../collect/tombstones.ts';
import { packOfName } from '../data/packs/format.ts';
import { takeLease } from '../leases/lease.ts';
import type { RepairAct, RepairPlan, RepairReport } from './contract.ts';
import { fence, leaseFates, mustFence } from './lease-fate.ts';
import { fateOfLeftover } from './leftover.ts';
import { bringHome, isCalledPack } from './misplaced-pack.ts';
import type { RepairParts } from './parts.ts';
import { packsIn } from './plan-repair.ts';
import { salvagePacks } from './salvage.ts';

const ID_BYTES = 32;
/** Objects that are removed after one look. */
const REMOVED_TOGETHER = 256;

/** What is there, just before something is removed. */
interface Look {
  /** What the plan knew to be damaged. */
  readonly bad: ReadonlySet<string>;
  readonly listed: Relisting;
  readonly leases: Awaited<ReturnType<typeof leaseFates>>;
}

/**
 * Does what a plan says, data first: what is whole is durable elsewhere before a pack is condemned, and an index is made anew before one is
 * removed. Each act looks again whether it is still right. Whatever it is broken off at, the next plan goes on from there.
 */
export async function repairRepository(plan: RepairPlan, parts: RepairParts, call: Call): Promise<RepairReport> {
  const { documents, terms } = parts;
  const startedAt = terms.now();
  const lease = await takeLease(documents, 'collect', terms, call);
  try {
    await parts.plane.refresh(call);
    const lostChunks = await countLost(plan, parts, call);
    const done = await act(plan, lease.id, parts, call);
    return { plan, done, lostChunks, durationMs: terms.now() - startedAt };
  } finally {
    await lease.end(call);
  }
}

async function act(plan: RepairPlan, lease: string, parts: RepairParts, call: Call): Promise<RepairAct[]> {
  const acts = (kind: RepairAct['act']): RepairAct[] => plan.acts.filter((one) => one.act === kind);
  const done: RepairAct[] = [];
  const misplaced = new Set(plan.damage.filter(({ kind }) => kind === 'foreign').map(({ object }) => object));
  for (const one of acts('salvage').filter(({ object }) => misplaced.has(object))) {
    throwIfCancelled(call.signal, 'repairing a repository');
    if (await moveHome(one.object, lease, parts, call)) done.push(one);
  }
  const damaged = acts('salvage').filter(({ object }) => !misplaced.has(object));
  if (damaged.length > 0) {
    const objects = new Set(damaged.map(({ object }) => object));
    const condemned = await salvagePacks(objects, packsIn(plan.damage), lease, parts, call);
    done.push(...damaged.filter(({ object }) => condemned.has(object)));
  }
  // Only now: what the index knows of damaged packs was needed to salvage them.
  if (acts('rebuild').length > 0) {
    await parts.plane.rebuild(await parts.committedLeases(call), call);
    done.push(...acts('rebuild'));
  }
  const bad = new Set(plan.damage.map(({ object }) => object));
  for (const some of inParts(acts('remove'))) {
    // Looked at again, and not only when the plan was made; many at a time, for a look lists whole folders.
    const now: Look = {
      bad,
      listed: new Relisting(parts.store, call),
      leases: await leaseFates(plan.damage, parts, call),
    };
    for (const one of some) {
      throwIfCancelled(call.signal, 'repairing a repository');
      if (await removeOne(one, now, parts, call)) done.push(one);
    }
  }
  return done;
}

/** Chunks that no pack gives, as far as they are known. */
async function countLost(plan: RepairPlan, { plane }: RepairParts, call: Call): Promise<number> {
  const packs = plan.damage.flatMap(({ object }) => packOfName(object) ?? []);
  const lost = new Set<string>();
  for (const pack of await plane.weighPacks(packs, call)) {
    for (let at = 0; at < pack.lost.length; at += ID_BYTES) {
      lost.add(Buffer.from(pack.lost.subarray(at, at + ID_BYTES)).toString('hex'));
    }
  }
  return lost.size;
}

/** Puts a pack where it belongs; then what lies under the wrong name goes, as a pack that nobody needs or as a file that is none. */
async function moveHome(object: string, lease: string, parts: RepairParts, call: Call): Promise<boolean> {
  if (!(await bringHome(object, parts.store, call))) return false;
  const pack = packOfName(object);
  if (pack !== null && isCalledPack(object))
    await condemn(parts.documents, { packs: [pack], points: [] }, lease, parts.terms.now(), call);
  else await parts.store.remove(object, call);
  await parts.plane.refresh(call);
  return true;
}

/** Removes an object if there is still nothing in it that anybody could need. */
async function removeOne(one: RepairAct, look: Look, parts: RepairParts, call: Call): Promise<boolean> {
  const { object } = one;
  const kind = kindOf(object);
  if (kind === null) {
    if ((await fateOfLeftover(object, look.bad, look.listed)).act !== 'remove') return false;
  } else if (!(await isStillDamaged(object, parts, call))) return false;
  if (kind === 'lease') {
    const now = look.leases.get(object);
    if (now?.act !== 'remove') return false;
    if (mustFence({ object, ...now })) await fence(object, parts, call);
  }
  await parts.store.remove(object, call);
  call.log('info', `removed ${object}: ${one.detail}`);
  return true;
}

async function isStillDamaged(object: string, { documents }: RepairParts, call: Call): Promise<boolean> {
  try {
    await documents.fetch(object, call);
    call.log('info', `${object} is whole now and stays`);
    return false;
  } catch (failure) {
    const damage = damageOf(failure);
    if (damage === null) throw failure;
    return damage.kind === 'damaged';
  }
}

function inParts(acts: readonly RepairAct[]): RepairAct[][] {
  const parts: RepairAct[][] = [];
  for (let at = 0; at < acts.length; at += REMOVED_TOGETHER) parts.push(acts.slice(at, at + REMOVED_TOGETHER));
  return parts;
}
