import { type Call, throwIfCancelled } from '@holdfast/api';
import type { Mark } from '../data/collect/mark.ts';
import { packName } from '../data/packs/format.ts';
import { mapLimited } from '../documents/map-limited.ts';
import type { LeaseLook } from './lease-watch.ts';
import { OtherCopies } from './other-copies.ts';
import { tombstoneName } from './tombstone-document.ts';
import { condemn, type Epoch, endEpoch } from './tombstones.ts';
import type { CollectWork } from './work.ts';

const AT_ONCE = 8;

/**
 * What becomes of a condemned pack: `dead` is removed; `needed` is good again; `held` stays condemned, for something is reachable in it
 * that lies nowhere else and cannot be read: writers store it anew when they meet it, and then the pack is dead.
 */
type Verdict = 'dead' | 'needed' | 'held';

/**
 * Removes what is condemned and still dead. The mark was made after everybody had gone who had begun before it was condemned: whoever began
 * later does without it, so what is dead now stays dead, however long this takes and whoever else does the same.
 * @param epochs Those of which nobody is waited for any more, and all others.
 */
export async function sweep(
  work: CollectWork,
  epochs: { readonly ready: readonly Epoch[]; readonly waiting: readonly Epoch[] },
  mark: Mark,
  look: LeaseLook,
): Promise<void> {
  const { plane, documents, lease, sums, terms, call } = work;
  const collector = plane.collector();
  const ready = epochs.ready.filter((epoch) => isStillThere(epoch, mark, call));
  const verdicts = await judgeAll(work, ready, epochs.waiting, mark, look);
  const dead = new Set([...verdicts].flatMap(([pack, verdict]) => (verdict === 'dead' ? [pack] : [])));
  // Whoever was taken for dead would do nothing wrong here, but another one does the same by now.
  if (dead.size > 0) await lease.isGivenUp(call);
  lease.assertHeld();
  // The index first: no run may name a pack that is gone.
  sums.sweptObjects += dead.size === 0 ? 0 : await collector.forgetPacks(dead, call);
  let done = 0;
  await mapLimited([...dead], AT_ONCE, async (pack) => {
    throwIfCancelled(call.signal, 'the collection');
    const name = packName(pack);
    await documents.store.remove(name, call);
    sums.decide(name, mark.packs.get(pack) ?? 0, sums.decided(name)?.liveBytes ?? 0, 'swept');
    call.progress({ phase: `removing packs: ${++done} of ${dead.size}` });
  });
  for (const epoch of ready) {
    const held = epoch.tombstone.packs.filter((pack) => verdicts.get(pack) === 'held');
    const needed = epoch.tombstone.packs.filter((pack) => verdicts.get(pack) === 'needed');
    for (const pack of needed)
      sums.decide(packName(pack), mark.packs.get(pack) ?? 0, mark.liveBytes(pack) ?? 0, 'reprieved');
    for (const pack of held)
      sums.decide(packName(pack), mark.packs.get(pack) ?? 0, mark.liveBytes(pack) ?? 0, 'condemned');
    if (held.length > 0 && needed.length === 0) continue;
    // What stays condemned is never without a tombstone.
    if (held.length > 0) await condemn(documents, { packs: held, points: [] }, lease.id, terms.now(), call);
    await endEpoch(documents, epoch.tombstone.epoch, call);
  }
}

/**
 * Whether a tombstone could be read while the second mark was made. One that was damaged since it was put tells writers nothing, so these may have built upon
 * its packs without being waited for; one that another collection has ended has made them good again.
 */
function isStillThere({ tombstone }: Epoch, mark: Mark, call: Call): boolean {
  if (tombstone.packs.every((pack) => !mark.packs.has(pack) || mark.dying.has(pack))) return true;
  call.log('warn', `${tombstoneName(tombstone.epoch)} could not be read again: what it condemns is not removed`);
  return false;
}

async function judgeAll(
  work: CollectWork,
  ready: readonly Epoch[],
  waiting: readonly Epoch[],
  mark: Mark,
  look: LeaseLook,
): Promise<ReadonlyMap<string, Verdict>> {
  const { plane, call } = work;
  const collector = plane.collector();
  const copies = new OtherCopies(collector, look, mark.dying);
  const verdicts = new Map<string, Verdict>();
  // What is in another tombstone as well waits for that one too.
  const held = new Set(waiting.flatMap(({ tombstone }) => tombstone.packs));
  const packs = [...new Set(ready.flatMap(({ tombstone }) => tombstone.packs))].filter((pack) => mark.packs.has(pack));
  const vouched = await collector.vouched(packs, mark, call);
  for (const pack of packs) {
    throwIfCancelled(call.signal, 'the collection');
    if (vouched.has(pack) && !held.has(pack)) verdicts.set(pack, await judge(work, pack, mark, copies));
    else verdicts.set(pack, 'held');
    if (!vouched.has(pack))
      call.log(
        'warn',
        `${packName(pack)} stays condemned, for the index does not know what is in it: \`holdfast repository check\` says more`,
      );
  }
  return verdicts;
}

async function judge({ plane, call }: CollectWork, pack: string, mark: Mark, copies: OtherCopies): Promise<Verdict> {
  const ids = mark.liveIds(pack);
  // Nobody knows what is in it: it stays as it is.
  if (ids === null) return 'held';
  if (ids.length === 0) return 'dead';
  const { none } = await copies.find(ids, call);
  if (none.length === 0) return 'dead';
  const phase = 'reading what somebody came to need';
  const { lost } = await plane.moveRecords({ lease: '', orders: [{ pack, ids: none }], checkOnly: true, phase }, call);
  const lostBytes = lost.reduce((sum, { ids: some }) => sum + some.length, 0);
  return lostBytes === none.length ? 'held' : 'needed';
}
