import type { CacheFile } from '../index/cache-file.ts';
import { ID_BYTES, RECORD_BYTES } from '../index/cache-layout.ts';
import type { IndexView } from '../index/index-view.ts';

/** Ids that are looked up together: the more, the fewer pages are read for each. */
export const MOST_IDS = 2 ** 18;

/** Told of each place of each id. `bit` is the number of the record in its file. */
export type Visit = (which: number, file: number, pack: number, bit: number, storedBytes: number) => void;

/**
 * Finds many chunks at once: sorts their ids, then goes through each cache file from front to back.
 * @param ids 32 bytes each, at most `MOST_IDS` of them.
 * @returns How many are in no file; or `null` when a file is damaged: then nothing can be told.
 */
export function findRecords(view: IndexView, ids: Buffer, count: number, visit: Visit): number | null {
  const order = sorted(ids, count);
  const found = new Uint8Array(count);
  for (const [number, file] of view.files.entries()) {
    if (!findIn(file, number, ids, order, found, visit)) return null;
  }
  let missing = 0;
  for (const one of found) if (one === 0) missing++;
  return missing;
}

/** Numbers of the ids in ascending order of their first four bytes. */
function sorted(ids: Buffer, count: number): Float64Array {
  const keys = new Float64Array(count);
  for (let i = 0; i < count; i++) keys[i] = ids.readUInt32BE(i * ID_BYTES) * MOST_IDS + i;
  return keys.sort();
}

function findIn(
  file: CacheFile,
  number: number,
  ids: Buffer,
  order: Float64Array,
  found: Uint8Array,
  visit: Visit,
): boolean {
  const shift = 32 - file.layout.bucketBits;
  let bucket = -1;
  let page: Buffer | null = null;
  for (const key of order) {
    const which = key % MOST_IDS;
    const prefix = (key - which) / MOST_IDS;
    const wanted = prefix >>> shift;
    if (wanted !== bucket) {
      bucket = wanted;
      page = file.bucket(bucket);
    }
    if (page === null) return false;
    const from = which * ID_BYTES;
    for (let at = lowerBound(page, prefix); at < page.length && page.readUInt32BE(at) === prefix; at += RECORD_BYTES) {
      if (page.compare(ids, from, from + ID_BYTES, at, at + ID_BYTES) !== 0) continue;
      const pack = page.readUInt32LE(at + 32);
      if (pack >= file.layout.packs) return false;
      found[which] = 1;
      visit(which, number, pack, file.packStart(pack) + page.readUInt32LE(at + 48), page.readUInt32LE(at + 40));
    }
  }
  return true;
}

/** The first record whose id begins with four bytes that are not less: most ids differ in these. */
function lowerBound(page: Buffer, prefix: number): number {
  let low = 0;
  let high = page.length / RECORD_BYTES;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (page.readUInt32BE(middle * RECORD_BYTES) < prefix) low = middle + 1;
    else high = middle;
  }
  return low * RECORD_BYTES;
}
