import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { Bloom } from './bloom.ts';
import {
  CACHE_MAGIC,
  CACHE_VERSION,
  type CacheLayout,
  HEAD_BYTES,
  ID_BYTES,
  layoutOf,
  RECORD_BYTES,
} from './cache-layout.ts';

/** A cache file as threads hand it to one another. The descriptor belongs to the main thread. */
export interface SharedCacheFile {
  readonly fd: number;
  readonly tables: SharedArrayBuffer;
  /** One byte for each pack: see `PackState`. */
  readonly states: SharedArrayBuffer;
}

/** What the store says of a pack: not listed, good for new restore points, or about to be removed and good for reading only. */
export const PACK_GONE = 0;
export const PACK_LIVE = 1;
export const PACK_DYING = 2;
export type PackState = typeof PACK_GONE | typeof PACK_LIVE | typeof PACK_DYING;

/** Where a chunk lies. */
export interface Location {
  /** 32 hexadecimal digits. */
  readonly pack: string;
  readonly offset: number;
  readonly storedBytes: number;
  readonly plainBytes: number;
  readonly method: number;
  /** Number of the record in its pack, which its nonce is made of. */
  readonly record: number;
}

/** Where a chunk lies, with the number of the pack in its cache file. */
export interface CacheHit extends Location {
  readonly packNumber: number;
  readonly isLive: boolean;
}

/** Records of up to so many chunks are kept in memory once they are asked for: reading them one by one costs more than finding them. */
const MOST_KEPT_BYTES = 8 * 1024 * 1024;

/** A sorted run of chunk ids in a local file: the tables are in memory, the records are read when they are asked for. */
export class CacheFile {
  readonly layout: CacheLayout;
  readonly shared: SharedCacheFile;
  readonly #tables: Buffer;
  readonly #bloom: Bloom;
  readonly #states: Uint8Array;
  #page = Buffer.allocUnsafeSlow(256 * RECORD_BYTES);
  #kept: Buffer | null = null;

  /** @param shared Made by `loadCacheFile`, perhaps in another thread. */
  constructor(shared: SharedCacheFile) {
    this.shared = shared;
    this.#tables = Buffer.from(shared.tables);
    const layout = layoutIn(this.#tables);
    if (layout === null) throw new Error('a cache file was shared that had not been loaded');
    this.layout = layout;
    this.#bloom = new Bloom(new Uint32Array(shared.tables, layout.bloomAt, layout.bloomWords));
    this.#states = new Uint8Array(shared.states);
  }

  pack(number: number): string {
    const at = this.layout.packIdsAt + number * 16;
    return this.#tables.toString('hex', at, at + 16);
  }

  packs(): string[] {
    return Array.from({ length: this.layout.packs }, (_, number) => this.pack(number));
  }

  /** Index runs that need not be read again while this file is there. */
  runs(): string[] {
    const { runs, runIdsAt } = this.layout;
    return Array.from({ length: runs }, (_, n) =>
      this.#tables.toString('hex', runIdsAt + n * 16, runIdsAt + n * 16 + 16),
    );
  }

  /** -1 when the pack is not in this file. */
  packNumber(pack: string): number {
    let low = 0;
    let high = this.layout.packs;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.pack(middle) < pack) low = middle + 1;
      else high = middle;
    }
    return low < this.layout.packs && this.pack(low) === pack ? low : -1;
  }

  state(packNumber: number): PackState {
    return (this.#states[packNumber] ?? PACK_GONE) as PackState;
  }

  /** Number, within this file, of the first record of a pack. */
  packStart(number: number): number {
    return this.#tables.readUInt32LE(this.layout.packStartsAt + number * 4);
  }

  /** Records of one pack. */
  packRecords(number: number): number {
    const at = this.layout.packStartsAt + number * 4;
    return this.#tables.readUInt32LE(at + 4) - this.#tables.readUInt32LE(at);
  }

  /** Bytes that a pack must have when it is whole; 0 when only a part of it was there to be listed. */
  packBytes(number: number): number {
    return this.#tables.readUInt32LE(this.layout.packSizesAt + number * 4);
  }

  /** Whether it knows only a part of one of some packs. */
  hasPartial(among: (pack: string) => boolean): boolean {
    for (let number = 0; number < this.layout.packs; number++) {
      if (this.packBytes(number) === 0 && among(this.pack(number))) return true;
    }
    return false;
  }

  /** Says which packs count. Seen by all threads that share the file. */
  async setStates(stateOf: (pack: string, packBytes: number) => PackState): Promise<void> {
    for (let number = 0; number < this.layout.packs; number++) {
      this.#states[number] = stateOf(this.pack(number), this.packBytes(number));
      // A repository may have hundreds of thousands of packs: others want a turn too.
      if (number % 4096 === 4095) await new Promise(setImmediate);
    }
  }

  /**
   * Where a chunk lies.
   * @param words The id as eight words.
   * @param live Whether to answer only the first place that is good for new restore points.
   * @returns `null` when the file has been damaged.
   */
  find(id: Uint8Array, words: Int32Array, live: boolean): CacheHit[] | null {
    if (!this.#bloom.has(words)) return [];
    const shift = 32 - this.layout.bucketBits;
    const prefix =
      (((id[0] as number) << 24) | ((id[1] as number) << 16) | ((id[2] as number) << 8) | (id[3] as number)) >>> 0;
    const page = this.bucket(prefix >>> shift);
    if (page === null) return null;
    const hits: CacheHit[] = [];
    for (let at = lowerBound(page, id); at < page.length && sameId(page, at, id); at += RECORD_BYTES) {
      const packNumber = page.readUInt32LE(at + 32);
      if (packNumber >= this.layout.packs) return null;
      const state = this.state(packNumber);
      if (state === PACK_GONE || (live && state !== PACK_LIVE)) continue;
      hits.push(this.#hit(page, at, packNumber, state === PACK_LIVE));
      if (live) break;
    }
    return hits;
  }

  /** Records whose ids begin with these bits; `null` when they have been damaged. Overwritten by the next call. */
  bucket(number: number): Buffer | null {
    const page = this.#records(this.#bucketStart(number) * RECORD_BYTES, this.bucketBytes(number, 1));
    if (page === null || crc32(page) !== this.#tables.readUInt32LE(this.layout.bucketCrcsAt + number * 4)) return null;
    return page;
  }

  /** Bytes of the records in some buckets, one after the other. */
  bucketBytes(first: number, count: number): number {
    return (this.#bucketStart(first + count) - this.#bucketStart(first)) * RECORD_BYTES;
  }

  /** Reads the records of some buckets at once; answers `false` when any of them have been damaged. */
  readBuckets(first: number, count: number, into: Buffer): boolean {
    const start = this.#bucketStart(first);
    const length = this.bucketBytes(first, count);
    if (length > into.length || !this.#readInto(into, this.layout.recordsAt + start * RECORD_BYTES, length))
      return false;
    for (let bucket = first; bucket < first + count; bucket++) {
      const from = (this.#bucketStart(bucket) - start) * RECORD_BYTES;
      const page = into.subarray(from, from + this.bucketBytes(bucket, 1));
      if (crc32(page) !== this.#tables.readUInt32LE(this.layout.bucketCrcsAt + bucket * 4)) return false;
    }
    return true;
  }

  /** The ids of a pack in order; `null` when they have been damaged. Overwritten by the next call. */
  packIds(number: number): Buffer | null {
    const at = this.layout.packStartsAt + number * 4;
    const start = this.#tables.readUInt32LE(at);
    const length = (this.#tables.readUInt32LE(at + 4) - start) * ID_BYTES;
    const ids = this.#read(this.layout.idsAt + start * ID_BYTES, length);
    if (ids === null || crc32(ids) !== this.#tables.readUInt32LE(this.layout.packCrcsAt + number * 4)) return null;
    return ids;
  }

  #hit(page: Buffer, at: number, packNumber: number, isLive: boolean): CacheHit {
    const plain = page.readUInt32LE(at + 44);
    return {
      packNumber,
      isLive,
      pack: this.pack(packNumber),
      offset: page.readUInt32LE(at + 36),
      storedBytes: page.readUInt32LE(at + 40),
      plainBytes: plain & 0x7fff_ffff,
      method: plain >>> 31,
      record: page.readUInt32LE(at + 48),
    };
  }

  /** @param at From the first record on. */
  #records(at: number, length: number): Buffer | null {
    const { recordsAt, bucketBits } = this.layout;
    const all = this.#bucketStart(2 ** bucketBits) * RECORD_BYTES;
    if (all > MOST_KEPT_BYTES) return this.#read(recordsAt + at, length);
    if (this.#kept === null) {
      const kept = Buffer.allocUnsafeSlow(all);
      if (!this.#readInto(kept, recordsAt, all)) return null;
      this.#kept = kept;
    }
    return this.#kept.subarray(at, at + length);
  }

  #bucketStart(bucket: number): number {
    return this.#tables.readUInt32LE(this.layout.bucketStartsAt + bucket * 4);
  }

  #read(at: number, length: number): Buffer | null {
    if (length > this.#page.length) this.#page = Buffer.allocUnsafeSlow(length * 2);
    return this.#readInto(this.#page, at, length) ? this.#page.subarray(0, length) : null;
  }

  #readInto(into: Buffer, at: number, length: number): boolean {
    try {
      return length === 0 || readSync(this.shared.fd, into, 0, length, at) === length;
    } catch {
      return false;
    }
  }
}

/** Opens a cache file of this repository; `null` when it is not whole or of another one. The caller closes `fd`. */
export function loadCacheFile(path: string, repositoryId: string): SharedCacheFile | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  const loaded = load(fd, repositoryId);
  if (loaded === null) closeSync(fd);
  return loaded;
}

function load(fd: number, repositoryId: string): SharedCacheFile | null {
  try {
    const head = Buffer.alloc(HEAD_BYTES);
    if (readSync(fd, head, 0, HEAD_BYTES, 0) !== HEAD_BYTES) return null;
    const layout = layoutIn(head);
    if (layout === null || head.toString('hex', 8, 24) !== repositoryId) return null;
    if (fstatSync(fd).size !== layout.end) return null;
    const tables = new SharedArrayBuffer(layout.tablesEnd);
    const bytes = Buffer.from(tables);
    if (readSync(fd, bytes, 0, bytes.length, 0) !== bytes.length) return null;
    if (tablesCrc(bytes) !== head.readUInt32LE(36)) return null;
    return { fd, tables, states: new SharedArrayBuffer(Math.max(1, layout.packs)) };
  } catch {
    return null;
  }
}

/** Over all tables but the place of this very sum. */
export function tablesCrc(tables: Buffer): number {
  return crc32(tables.subarray(40), crc32(tables.subarray(0, 36)));
}

function layoutIn(head: Buffer): CacheLayout | null {
  if (head.readUInt32LE(0) !== CACHE_MAGIC || head.readUInt32LE(4) !== CACHE_VERSION) return null;
  return layoutOf(head.readUInt32LE(24), head.readUInt32LE(28), head.readUInt32LE(32), head.readUInt32LE(40));
}

function lowerBound(page: Buffer, id: Uint8Array): number {
  let low = 0;
  let high = page.length / RECORD_BYTES;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = middle * RECORD_BYTES;
    if (page.compare(id, 0, ID_BYTES, at, at + ID_BYTES) < 0) low = middle + 1;
    else high = middle;
  }
  return low * RECORD_BYTES;
}

function sameId(page: Buffer, at: number, id: Uint8Array): boolean {
  return page.compare(id, 0, ID_BYTES, at, at + ID_BYTES) === 0;
}
