import { type Call, cancelled, throwIfCancelled } from '@holdfast/api';
import { Meter } from '../write/meter.ts';
import type { MoveOrder } from './move-protocol.ts';
import type { Movers } from './movers.ts';
import { type MoverParts, RecordMover, type RecordSource } from './record-mover.ts';

/** Which records are moved, where from and under whose name. */
export interface MoveRecords {
  /** The lease of whoever moves: the new packs carry it. */
  readonly lease: string;
  /** Packs, and which of their records; taken one after the other, so that there may be any number. */
  readonly orders: Iterable<MoveOrder> | AsyncIterable<MoveOrder>;
  /** Another repository of the same family; `null` for this very one, and the default. */
  readonly source?: RecordSource | null;
  /** Most bytes a second that are read, and so written; `null` is no limit, and the default. */
  readonly bytesPerSecond?: number | null;
  /** Number of the first index run, when records were moved under the same lease before: then 1 more than the last one. Default is 0. */
  readonly firstRun?: number;
  /** Records are read and authenticated, and stay where they are; nothing is written. */
  readonly checkOnly?: boolean;
  /** Records that are as plain as they came are hashed, compared with their ids and compressed. Default is `false`. */
  readonly finish?: boolean;
  /** For progress. Default is `moving chunks`. */
  readonly phase?: string;
  /** Sum of what will be read, when it is known. */
  readonly totalBytes?: number;
}

/** Records that were wanted and could not be had from a pack. */
export interface LostRecords {
  readonly pack: string;
  readonly isThere: boolean;
  /** Chunk ids, 32 bytes each. Where the pack's own list is damaged, chunks may be lost that nobody can name. */
  readonly ids: Uint8Array;
  readonly isListWhole: boolean;
}

/** What was moved. All of it is durable, and the index of this process knows it. */
export interface MovedRecords {
  readonly moved: number;
  /** Bytes of the moved records' bodies, as they are stored. */
  readonly movedBytes: number;
  /** Packs that gave less than was wanted, or whose list is damaged. */
  readonly lost: readonly LostRecords[];
  /** New packs and index runs. */
  readonly packs: readonly string[];
  readonly runs: readonly string[];
  /** Number that the next index run of this lease would have. */
  readonly nextRun: number;
  /** Bytes of all objects that were put. */
  readonly storedBytes: number;
}

/**
 * Takes records out of packs and appends them to new packs: each is opened with the key of its pack, authenticated, and sealed with the
 * key of the new one, never decompressed. A record that is not whole is told, not moved. New packs and their index runs are durable
 * when this resolves; a failure leaves packs that nobody names yet, for a collector.
 * @throws `CANCELLED`, and what the store threw.
 */
export async function moveRecords(
  parts: MoverParts,
  movers: Movers,
  memory: { readonly packBytes: number; readonly buffers: number },
  how: MoveRecords,
  call: Call,
): Promise<MovedRecords> {
  throwIfCancelled(call.signal, 'moving records');
  const mover = new RecordMover(parts, {
    number: movers.next(),
    lease: how.lease,
    firstRun: how.firstRun ?? 0,
    source: how.source ?? null,
    finish: how.finish === true,
    limit: how.bytesPerSecond ?? 0,
    ...memory,
  });
  movers.add(mover);
  const stop = (): void => mover.fail(cancelled('moving records'));
  call.signal.addEventListener('abort', stop, { once: true });
  const sums = { moved: 0, movedBytes: 0, lost: [] as LostRecords[] };
  const tally = () => ({ doneBytes: sums.movedBytes, sourceNs: 0, targetNs: 0 });
  try {
    using _meter = new Meter(call, how.phase ?? 'moving chunks', how.totalBytes ?? 0, parts.pool.width, tally);
    await mover.begin(call);
    await feed(mover, how, sums, call);
    await mover.settle(call);
  } finally {
    call.signal.removeEventListener('abort', stop);
    await mover.end();
    movers.remove(mover);
  }
  const { packs, runs, nextRun, storedBytes } = mover;
  return { ...sums, packs, runs, nextRun, storedBytes };
}

/** Hands out orders, a few at a time. */
async function feed(
  mover: RecordMover,
  how: MoveRecords,
  sums: { moved: number; movedBytes: number; lost: LostRecords[] },
  call: Call,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const settled = async (): Promise<void> => {
    const ends = await Promise.allSettled(underWay);
    const failure = ends.find((end) => end.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  };
  try {
    for await (const order of how.orders) {
      throwIfCancelled(call.signal, 'moving records');
      mover.assertWell();
      const one: Promise<void> = take(mover, order, how.checkOnly === true, sums).finally(() => underWay.delete(one));
      one.catch(() => {});
      underWay.add(one);
      if (underWay.size >= mover.width) await Promise.race(underWay);
      if (!mover.isRunFull) continue;
      await settled();
      await mover.settle(call);
    }
  } catch (cause) {
    mover.fail(cause);
    await Promise.allSettled(underWay);
    throw cause;
  }
  await settled();
}

async function take(
  mover: RecordMover,
  order: MoveOrder,
  checkOnly: boolean,
  sums: { moved: number; movedBytes: number; lost: LostRecords[] },
): Promise<void> {
  const { pack, isThere, isListWhole, moved, movedBytes, lost } = await mover.move(order, checkOnly);
  sums.moved += moved;
  sums.movedBytes += movedBytes;
  if (lost.length > 0 || !isListWhole) sums.lost.push({ pack, isThere, ids: lost, isListWhole });
}
