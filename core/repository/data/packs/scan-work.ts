import type { SharedIndex } from '../index/index-view.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import type { Handlers } from '../lanes/wire.ts';
import { inspectPack } from '../salvage/inspect-pack.ts';
import { PackScanner } from './scan-pack.ts';

export interface ScanOrder {
  readonly index: SharedIndex;
  readonly pack: string;
  readonly full: boolean;
}

/** What a thread can be asked for to check packs. */
export function scanWork(context: ThreadContext): Handlers {
  const scanner = new PackScanner(context.packs, context.chunks);
  return {
    'pack.inspect': ({ index, pack }: { index: SharedIndex; pack: string }) =>
      inspectPack(context, scanner, context.index(index), pack),
    'pack.scan': ({ index, pack, full }: ScanOrder) => scanner.scan(pack, full, context.index(index).idsOf(pack)),
  };
}
