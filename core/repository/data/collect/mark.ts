import { type Call, cancelled, HoldfastError, throwIfCancelled } from '@holdfast/api';
import type { DiskContents } from '../../disk-contents.ts';
import { CacheFile } from '../index/cache-file.ts';
import type { IndexKeeper } from '../index/index-keeper.ts';
import type { SharedIndex } from '../index/index-view.ts';
import type { Thread, ThreadPool } from '../lanes/thread-pool.ts';
import { PAGE_SEGMENTS } from '../map/segment-list.ts';
import { ENTRY_BYTES, PACK_OVERHEAD } from '../packs/format.ts';
import type { PageFailure, PageOrder } from './mark-lane.ts';
import { emptyMarks, hasBit, MARK_SUMS, type SharedMarks } from './marks.ts';

/** What marking is done with. */
export interface MarkParts {
  readonly pool: ThreadPool;
  readonly keeper: IndexKeeper;
}

/** What is reachable, by the packs and tombstones of one moment. */
export class Mark {
  /** Packs that the store listed, with their sizes. */
  readonly packs: ReadonlyMap<string, number>;
  /** Of these the ones that are in a tombstone. */
  readonly dying: ReadonlySet<string>;
  readonly #files: readonly CacheFile[];
  readonly #marks: SharedMarks;
  readonly #places = new Map<string, { readonly file: number; readonly pack: number }>();

  constructor(index: SharedIndex, marks: SharedMarks, keeper: IndexKeeper) {
    this.packs = new Map(keeper.listing.packs);
    this.dying = new Set([...this.packs.keys()].filter((pack) => keeper.listing.isCondemned(pack)));
    this.#files = index.files.map((file) => new CacheFile(file));
    this.#marks = marks;
    for (const [file, cache] of this.#files.entries()) {
      for (const [number, pack] of cache.packs().entries()) {
        if (!this.#places.has(pack)) this.#places.set(pack, { file, pack: number });
      }
    }
  }

  /** Chunks that are named and lie in no pack at all, counted as often as they are named. */
  get missing(): number {
    return Atomics.load(new Int32Array(this.#marks.sums), MARK_SUMS.missing);
  }

  /** Bytes of a pack's reachable records; `null` when nobody knows what is in it. */
  liveBytes(pack: string): number | null {
    const place = this.#places.get(pack);
    if (place === undefined) return null;
    const bytes = new Int32Array(this.#marks.files[place.file]?.packBytes ?? new SharedArrayBuffer(4));
    return bytes[place.pack] ?? null;
  }

  /** Bytes of all records of a pack, without what a pack takes besides; `null` when nobody knows what is in it. */
  recordBytes(pack: string): number | null {
    const place = this.#places.get(pack);
    const size = this.packs.get(pack);
    if (place === undefined || size === undefined) return null;
    return size - PACK_OVERHEAD - (this.#files[place.file]?.packRecords(place.pack) ?? 0) * ENTRY_BYTES;
  }

  /** Ids of all records of a pack, in order; `null` when they cannot be read. */
  ids(pack: string): Buffer | null {
    const place = this.#places.get(pack);
    const ids = place === undefined ? null : (this.#files[place.file]?.packIds(place.pack) ?? null);
    return ids === null ? null : Buffer.from(ids);
  }

  /** Ids of a pack's reachable records; `null` when they cannot be read. */
  liveIds(pack: string): Uint8Array | null {
    const place = this.#places.get(pack);
    const ids = this.ids(pack);
    if (place === undefined || ids === null) return null;
    const first = this.#files[place.file]?.packStart(place.pack) ?? 0;
    const bits = new Int32Array(this.#marks.files[place.file]?.live ?? new SharedArrayBuffer(4));
    const live: Buffer[] = [];
    for (let record = 0; record * 32 < ids.length; record++) {
      if (hasBit(bits, first + record)) live.push(ids.subarray(record * 32, record * 32 + 32));
    }
    return Uint8Array.from(Buffer.concat(live));
  }
}

interface Page {
  readonly id: string;
  readonly first: number;
  readonly disk: DiskContents;
}

/**
 * Follows the maps of all these disks to every chunk, with all threads.
 * @throws `REPOSITORY_DAMAGED` when any part of a map cannot be read: then nothing can be told dead.
 */
export async function markDisks(parts: MarkParts, disks: readonly DiskContents[], call: Call): Promise<Mark> {
  await parts.keeper.refresh(call);
  const pages = pagesOf(disks);
  const first = await markOnce(parts, pages, call);
  if (first instanceof Mark) return first;
  // What was not found may have been put since, or the cache on this machine is not what it was.
  await parts.keeper.lookAgain(call);
  const second = await markOnce(parts, pages, call);
  if (second instanceof Mark) return second;
  if ('isIndexDamaged' in second) {
    throw new HoldfastError('TARGET_IO', 'the index cache on this machine cannot be read', {
      remedy: 'check the disk that it lies on, then try again',
    });
  }
  const chunk = Buffer.from(second.lost).toString('hex');
  throw new HoldfastError('REPOSITORY_DAMAGED', `a part of a disk map is lost: chunk ${chunk}`, {
    remedy:
      '`holdfast repository check` names the restore points concerned; until they are repaired or forgotten nothing is removed',
    facts: { chunk },
  });
}

function pagesOf(disks: readonly DiskContents[]): Page[] {
  const pages = new Map<string, Page>();
  for (const disk of disks) {
    for (const [number, id] of disk.map.entries()) {
      const page = { id, first: number * PAGE_SEGMENTS, disk };
      // The same page may stand for another length only in the last segment of a disk.
      pages.set(`${id}/${page.first}/${disk.sizeBytes}`, page);
    }
  }
  return [...pages.values()];
}

async function markOnce({ pool, keeper }: MarkParts, pages: readonly Page[], call: Call): Promise<Mark | PageFailure> {
  const index = keeper.shared;
  const marks = emptyMarks(index);
  const threads = pool.threads(Math.max(1, Math.min(pool.width, pages.length)));
  let next = 0;
  let failure: PageFailure | null = null;
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const work = async (thread: Thread): Promise<void> => {
    for (let page = pages[next++]; page !== undefined && failure === null; page = pages[next++]) {
      throwIfCancelled(call.signal, 'finding out what is reachable');
      const { disk, first } = page;
      const { sizeBytes, segmentBytes } = disk;
      const order: PageOrder = { index, marks, id: Buffer.from(page.id, 'hex'), first, sizeBytes, segmentBytes };
      // Of this thread alone: had it died, another one would take for done what it had only begun.
      const answer = await Promise.race([thread.ask<PageFailure | null>('mark.page', order), aborted.promise]);
      failure ??= answer;
      call.progress({ phase: `following disk maps: ${Math.min(next, pages.length)} of ${pages.length}` });
    }
  };
  const stop = (): void => aborted.reject(cancelled('finding out what is reachable'));
  if (call.signal.aborted) stop();
  call.signal.addEventListener('abort', stop, { once: true });
  const ends = await Promise.allSettled(threads.map(work));
  call.signal.removeEventListener('abort', stop);
  for (const thread of threads) void thread.ask('mark.end', null).catch(() => {});
  const thrown = ends.find((end) => end.status === 'rejected');
  if (thrown !== undefined) throw thrown.reason;
  return failure ?? new Mark(index, marks, keeper);
}
