import type { SharedIndex } from '../index/index-view.ts';
import type { Round, WriteSetup } from '../lanes/protocol.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import type { Handlers, Wire } from '../lanes/wire.ts';
import { WriteLane } from './write-lane.ts';

interface ForWriter {
  readonly writer: number;
}

/** What a thread can be asked for on behalf of writers. */
export function writeWork(context: ThreadContext, wire: () => Wire): Handlers {
  const lanes = new Map<number, WriteLane>();
  const laneOf = ({ writer }: ForWriter): WriteLane => {
    const lane = lanes.get(writer);
    if (lane === undefined) throw new Error('a thread was asked to write before it was told for whom');
    return lane;
  };
  return {
    'write.begin': (setup: WriteSetup) => void lanes.set(setup.writer, new WriteLane(context, wire(), setup)),
    'write.turn': (turn: ForWriter & { run: number; index: SharedIndex }) => laneOf(turn).turn(turn.run, turn.index),
    'write.round': (round: Round) => laneOf(round).round(round),
    'write.store': (order: ForWriter & { plain: Uint8Array }) => laneOf(order).store(order.plain),
    'write.seal': (order: ForWriter) => laneOf(order).seal(),
    'write.end': ({ writer }: ForWriter) => {
      lanes.get(writer)?.end();
      lanes.delete(writer);
    },
  };
}
