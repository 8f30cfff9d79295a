import { type Call, isHoldfastError } from '@holdfast/api';
import type { Mark } from '../data/collect/mark.ts';
import type { MoveOrder } from '../data/collect/move-protocol.ts';
import { packName } from '../data/packs/format.ts';
import type { LeaseLook } from './lease-watch.ts';
import { OtherCopies } from './other-copies.ts';
import type { CollectWork } from './work.ts';

/** Packs that are written anew together: as many as one index run lists. */
const TOGETHER = 256;

/**
 * Writes what is reachable in sparse packs into new ones, durable and with their index runs. What lies in another pack too is not written
 * again, if that other copy can be read. A pack that does not give all that is reachable in it is left alone.
 * @returns Packs that nobody needs any more.
 */
export async function repack(
  work: CollectWork,
  sparse: readonly string[],
  mark: Mark,
  look: LeaseLook,
  bytesPerSecond: number | null,
): Promise<string[]> {
  const { plane, lease, sums, call } = work;
  const copies = new OtherCopies(plane.collector(), look, sparse);
  const emptied: string[] = [];
  const totalBytes = sparse.reduce((sum, pack) => sum + (mark.liveBytes(pack) ?? 0), 0);
  let firstRun = 0;
  for (let at = 0; at < sparse.length; at += TOGETHER) {
    const some = sparse.slice(at, at + TOGETHER);
    const orders = await ordersFor(work, some, mark, copies, bytesPerSecond);
    lease.assertHeld();
    const phase = 'writing anew what is still needed';
    const how = { lease: lease.id, orders: orders.filter(({ ids }) => ids.length > 0), bytesPerSecond, firstRun };
    const moved = await plane.moveRecords({ ...how, phase, totalBytes }, call).catch(noneIfFull(call));
    if (moved === null) break;
    firstRun = moved.nextRun;
    sums.movedBytes += moved.movedBytes;
    const bad = new Set(moved.lost.map(({ pack }) => pack));
    for (const pack of bad)
      call.log(
        'warn',
        `${packName(pack)} is damaged and stays: \`holdfast repository repair\` saves what is whole in it`,
      );
    emptied.push(...orders.map(({ pack }) => pack).filter((pack) => !bad.has(pack)));
  }
  return emptied;
}

/** A full store is no reason to keep what is not needed at all: what is hardly needed is written anew by the next collection. */
const noneIfFull =
  (call: Call) =>
  (failure: unknown): null => {
    if (!isHoldfastError(failure, 'TARGET_FULL')) throw failure;
    call.log('warn', `there is no room to write anew what is hardly needed: ${failure.message}`);
    return null;
  };

/** What has to be moved out of each pack. */
async function ordersFor(
  { plane, call }: CollectWork,
  packs: readonly string[],
  mark: Mark,
  copies: OtherCopies,
  bytesPerSecond: number | null,
): Promise<(MoveOrder & { readonly ids: Uint8Array })[]> {
  const orders = new Map<string, Uint8Array[]>();
  const elsewhere: MoveOrder[] = [];
  const sourceOf = new Map<string, string>();
  for (const pack of packs) {
    const ids = mark.liveIds(pack);
    if (ids === null) continue;
    const { orders: others, none } = await copies.find(ids, call);
    orders.set(pack, [none]);
    for (const order of others) {
      elsewhere.push(order);
      for (const id of idsIn(order.ids)) sourceOf.set(keyOf(id), pack);
    }
  }
  // A copy is given up only when the other one has been read.
  if (elsewhere.length > 0) {
    const phase = 'reading the other copies of what lies in two packs';
    const { lost } = await plane.moveRecords(
      { lease: '', orders: elsewhere, checkOnly: true, bytesPerSecond, phase },
      call,
    );
    for (const id of lost.flatMap(({ ids }) => idsIn(ids))) {
      const pack = sourceOf.get(keyOf(id));
      if (pack !== undefined) orders.get(pack)?.push(id);
    }
  }
  return [...orders].map(([pack, ids]) => ({ pack, ids: Uint8Array.from(Buffer.concat(ids)) }));
}

const keyOf = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');

function idsIn(ids: Uint8Array | null): Uint8Array[] {
  if (ids === null) return [];
  return Array.from({ length: ids.length / 32 }, (_, i) => ids.subarray(i * 32, i * 32 + 32));
}
