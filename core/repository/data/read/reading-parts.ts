import type { IndexKeeper } from '../index/index-keeper.ts';
import type { ThreadPool } from '../lanes/thread-pool.ts';
import type { ReadChunk } from './disk-map.ts';

/** What reading disks back is done with. */
export interface ReadingParts {
  readonly pool: ThreadPool;
  readonly keeper: IndexKeeper;
  readonly readChunk: ReadChunk;
}
