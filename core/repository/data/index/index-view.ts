import { CacheFile, type CacheHit, type SharedCacheFile } from './cache-file.ts';

/** The index at one moment, as threads hand it to one another. */
export interface SharedIndex {
  /** Grows with each change. */
  readonly version: number;
  readonly files: readonly SharedCacheFile[];
}

/** Finds chunks in all cache files of one moment. */
export class IndexView {
  readonly version: number;
  readonly files: readonly CacheFile[];
  /** Set when a cache file turned out to be damaged: what it held counts as unknown. */
  isDamaged = false;
  readonly #words = new Int32Array(8);
  readonly #wordBytes = Buffer.from(this.#words.buffer);

  constructor(shared: SharedIndex) {
    this.version = shared.version;
    this.files = shared.files.map((file) => new CacheFile(file));
  }

  /** A place of a chunk that is good for new restore points. */
  first(id: Uint8Array, words: Int32Array): { readonly file: CacheFile; readonly hit: CacheHit } | null {
    for (const file of this.files) {
      const hits = file.find(id, words, true);
      if (hits === null) this.isDamaged = true;
      else if (hits[0] !== undefined) return { file, hit: hits[0] };
    }
    return null;
  }

  /** Everywhere that a chunk can be read from, the best first. */
  all(id: Uint8Array): CacheHit[] {
    this.#wordBytes.set(id);
    const all: CacheHit[] = [];
    for (const file of this.files) {
      const hits = file.find(id, this.#words, false);
      if (hits === null) this.isDamaged = true;
      else all.push(...hits);
    }
    return all.sort((a, b) => Number(b.isLive) - Number(a.isLive));
  }

  /** Chunks that a pack holds, as far as it is known. */
  idsOf(pack: string): Uint8Array[] {
    for (const file of this.files) {
      const number = file.packNumber(pack);
      const ids = number < 0 ? null : file.packIds(number);
      if (ids === null) continue;
      return Array.from({ length: ids.length / 32 }, (_, i) => Uint8Array.from(ids.subarray(i * 32, i * 32 + 32)));
    }
    return [];
  }
}
