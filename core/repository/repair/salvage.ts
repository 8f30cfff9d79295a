import { type Call, HoldfastError } from '@holdfast/api';
import { condemn } from '../collect/tombstones.ts';
import { packOfName } from '../data/packs/format.ts';
import type { WeighedPack } from '../data/salvage/weigh-packs.ts';
import type { RepairAct } from './contract.ts';
import type { RepairParts } from './parts.ts';

const ID_BYTES = 32;
const CONDEMNED =
  'it has been condemned: what is lost in it is read from its source by the next run, where that has not changed; if that does not mend a restore point, forget it';
const UNREADABLE =
  'the device or the target fails under it: mend that and check again. Nothing is taken away meanwhile, for it may be whole';
const STRAYS = 'its own list no longer leads to all that is whole in it, so it is kept as it is: put back a copy of it';

/** What is to be done about a damaged pack. */
export function fateOfPack(object: string, pack: WeighedPack): RepairAct {
  if (pack.isCondemned) return { object, act: 'none', detail: CONDEMNED };
  if (pack.isUnreadable) return { object, act: 'none', detail: UNREADABLE };
  if (pack.strayOnlyHere.length > 0) return { object, act: 'none', detail: STRAYS };
  const [whole, only, lost] = [pack.whole, pack.wholeOnlyHere, pack.lost].map((ids) => ids.length / ID_BYTES);
  const detail = `${whole} chunks are whole, of which ${only} lie nowhere else and are written into a new pack; ${lost} are lost, and read from their source by the next run`;
  return { object, act: 'salvage', detail };
}

/**
 * Moves what is whole in damaged packs into new ones, and condemns them when all of it is durable and was looked at again. What was moved by
 * an earlier try is found where it is.
 * @param objects Packs to salvage. @param damaged Ids of all packs that are damaged.
 * @returns Names of the packs that are condemned now.
 */
export async function salvagePacks(
  objects: ReadonlySet<string>,
  damaged: readonly string[],
  lease: string,
  parts: RepairParts,
  call: Call,
): Promise<ReadonlySet<string>> {
  const { plane } = parts;
  const wanted = new Set([...objects].flatMap((object) => packOfName(object) ?? []));
  const isOurs = (pack: WeighedPack): boolean => {
    const isDamaged = wanted.has(pack.pack) && pack.isThere && !pack.isWhole && !pack.isCondemned;
    return isDamaged && !pack.isUnreadable && pack.strayOnlyHere.length === 0;
  };
  const before = (await plane.weighPacks(damaged, call)).filter(isOurs);
  const orders = before.map(({ pack, wholeOnlyHere }) => ({ pack, ids: wholeOnlyHere }));
  const moved = await plane.moveRecords(
    { lease, orders: orders.filter(({ ids }) => ids.length > 0), phase: 'salvaging damaged packs' },
    call,
  );
  // By what the store lists now, not by what was meant to be there.
  await plane.refresh(call);
  await assertWhole(moved.packs, parts, call);
  const after = (await plane.weighPacks(damaged, call)).filter(isOurs);
  const spent = after.filter(({ wholeOnlyHere }) => wholeOnlyHere.length === 0).map(({ pack }) => pack);
  for (const { pack } of after.filter((one) => !spent.includes(one.pack))) {
    call.log('error', `pack ${pack} still holds chunks that lie nowhere else: it is left as it is`);
  }
  // From now on nothing new is built upon them; they stay readable until a collector sweeps them.
  await condemn(parts.documents, { packs: spent, points: [] }, lease, parts.terms.now(), call);
  await plane.refresh(call);
  const condemned = new Set(spent);
  return new Set([...objects].filter((object) => condemned.has(packOfName(object) ?? '')));
}

/** What was just written must be there and whole before anything is given up for it. */
async function assertWhole(packs: readonly string[], { plane }: RepairParts, call: Call): Promise<void> {
  const bad = (await plane.weighPacks(packs, call)).find((pack) => !pack.isThere || !pack.isWhole);
  if (bad === undefined) return;
  throw new HoldfastError('REPOSITORY_DAMAGED', `pack ${bad.pack} is damaged although it was just written`, {
    remedy: 'look after the target: what is written to it does not come back as it was',
    facts: { pack: bad.pack },
  });
}
