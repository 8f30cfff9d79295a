import type { SharedIndex } from '../index/index-view.ts';
import type { Round, WriteSetup } from '../lanes/protocol.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import type { Handlers, Wire } from '../lanes/wire.ts';
import { WriteLane } from './write-lane.ts';

/** What a thread can be asked for on behalf of a writer. A thread serves one writer at a time. */
export function writeWork(context: ThreadContext, wire: () => Wire): Handlers {
  let lane: WriteLane | null = null;
  const current = (): WriteLane => {
    if (lane === null) throw new Error('a thread was asked to write before it was told for whom');
    return lane;
  };
  return {
    'write.begin': (setup: WriteSetup) => {
      lane = new WriteLane(context, wire(), setup);
    },
    'write.turn': ({ run, index }: { run: number; index: SharedIndex }) => current().turn(run, index),
    'write.round': (round: Round) => current().round(round),
    'write.store': (plain: Uint8Array) => current().store(plain),
    'write.seal': () => current().seal(),
    'write.end': () => {
      lane = null;
    },
  };
}
