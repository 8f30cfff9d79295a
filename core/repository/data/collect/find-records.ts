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
  const perBucket = 2 ** (32 - file.layout.bucketBits);
  let bucket = -1;
  let page: Buffer | null = null;
  for (const key of order) {
    const which = key % MOST_IDS;
    const wanted = Math.floor(Math.floor(key / MOST_IDS) / perBucket);
    if (wanted !== bucket) {
      bucket = wanted;
      page = file.bucket(bucket);
    }
    if (page === null) return false;
    const from = which * ID_BYTES;
    for (let at = lowerBound(page, ids, from); at < page.length; at += RECORD_BYTES) {
      if (page.compare(ids, from, from + ID_BYTES, at, at + ID_BYTES) !== 0) break;
      const pack = page.readUInt32LE(at + 32);
      if (pack >= file.layout.packs) return false;
      found[which] = 1;
      visit(which, number, pack, file.packStart(pack) + page.readUInt32LE(at + 48), page.readUInt32LE(at + 40));
    }
  }
  return true;
}

function lowerBound(page: Buffer, ids: Buffer, from: number): number {
  let low = 0;
  let high = page.length / RECORD_BYTES;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = middle * RECORD_BYTES;
    if (page.compare(ids, from, from + ID_BYTES, at, at + ID_BYTES) < 0) low = middle + 1;
    else high = middle;
  }
  return low * RECORD_BYTES;
}
