import { CacheFile } from '../index/cache-file.ts';
import type { SharedIndex } from '../index/index-view.ts';

/** What has been found reachable in one cache file; shared by threads. A record's bit is where its pack begins, and its number in the pack. */
export interface SharedFileMarks {
  /** Bits of records that restore points reach. */
  readonly live: SharedArrayBuffer;
  /** Bits of segment lists that some thread has taken upon itself to read. */
  readonly walked: SharedArrayBuffer;
  /** For each pack the bytes of its reachable records, u32. */
  readonly packBytes: SharedArrayBuffer;
}

/** Marks over all cache files of one moment. */
export interface SharedMarks {
  readonly files: readonly SharedFileMarks[];
  /** Word 0: distinct records found reachable; word 1: ids that no pack has, counted as often as they are named. */
  readonly sums: SharedArrayBuffer;
}

export const MARK_SUMS = { live: 0, missing: 1, words: 2 } as const;

/** Marks without a mark, for the index of one moment. */
export function emptyMarks(index: SharedIndex): SharedMarks {
  const files = index.files.map((shared): SharedFileMarks => {
    const { layout } = new CacheFile(shared);
    const bits = () => new SharedArrayBuffer(Math.ceil(layout.records / 32) * 4 + 4);
    return { live: bits(), walked: bits(), packBytes: new SharedArrayBuffer(layout.packs * 4 + 4) };
  });
  return { files, sums: new SharedArrayBuffer(MARK_SUMS.words * 4) };
}

/** Sets a bit; answers whether it was not set before. */
export function setBit(bits: Int32Array, at: number): boolean {
  const mask = 1 << (at & 31);
  return (Atomics.or(bits, at >>> 5, mask) & mask) === 0;
}

export const hasBit = (bits: Int32Array, at: number): boolean => ((bits[at >>> 5] as number) & (1 << (at & 31))) !== 0;
