import type { SharedIndex } from '../index/index-view.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import type { Handlers, Wire } from '../lanes/wire.ts';
import type { MoveOrder, MoveSetup, ThreadOrder } from './move-protocol.ts';
import { RecordLane } from './record-lane.ts';

interface ForMover {
  readonly mover: number;
}

/** Where some chunks lie. */
export interface GroupedChunks {
  /** For each pack those that are best taken from it. */
  readonly orders: readonly MoveOrder[];
  /** Ids of chunks that lie nowhere, 32 bytes each. */
  readonly missing: Uint8Array;
  /** Bytes of all of them as they are stored. */
  readonly storedBytes: number;
}

/** What a thread can be asked for to move records. */
export function moveWork(context: ThreadContext, wire: () => Wire): Handlers {
  const lanes = new Map<number, RecordLane>();
  const laneOf = ({ mover }: ForMover): RecordLane => {
    const lane = lanes.get(mover);
    if (lane === undefined) throw new Error('a thread was asked to move records before it was told for whom');
    return lane;
  };
  return {
    'move.begin': (setup: MoveSetup) => void lanes.set(setup.mover, new RecordLane(context, wire(), setup)),
    'move.records': (order: ThreadOrder) => laneOf(order).move(order),
    'move.turn': (turn: ForMover & { run: number }) => laneOf(turn).turn(turn.run),
    'move.end': ({ mover }: ForMover) => {
      lanes.get(mover)?.end();
      lanes.delete(mover);
    },
    'move.group': ({ index, ids }: { index: SharedIndex; ids: Uint8Array }) => group(context, index, ids),
    'move.absent': ({ index, ids }: { index: SharedIndex; ids: Uint8Array }) => absent(context, index, ids),
  };
}

/** Groups chunks by the pack that they are best taken from. */
function group(context: ThreadContext, index: SharedIndex, ids: Uint8Array): GroupedChunks {
  const view = context.index(index);
  const byPack = new Map<string, Uint8Array[]>();
  const missing: Uint8Array[] = [];
  let storedBytes = 0;
  for (let at = 0; at < ids.length; at += 32) {
    const id = ids.subarray(at, at + 32);
    const [best] = view.all(id);
    storedBytes += best?.storedBytes ?? 0;
    if (best === undefined) missing.push(id);
    else if (byPack.has(best.pack)) byPack.get(best.pack)?.push(id);
    else byPack.set(best.pack, [id]);
  }
  const orders = [...byPack].map(([pack, some]) => ({ pack, ids: joined(some) }));
  return { orders, missing: joined(missing), storedBytes };
}

/** Those of some chunks that have no place which is good for new restore points. */
function absent(context: ThreadContext, index: SharedIndex, ids: Uint8Array): Uint8Array {
  const view = context.index(index);
  const words = new Int32Array(8);
  const bytes = Buffer.from(words.buffer);
  const none: Uint8Array[] = [];
  for (let at = 0; at < ids.length; at += 32) {
    const id = ids.subarray(at, at + 32);
    bytes.set(id);
    if (view.first(id, words) === null) none.push(id);
  }
  return joined(none);
}

const joined = (ids: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(ids));
