import type { DedupeMode } from '@holdfast/api';
import type { DerivedKeys } from '../hash/derived-keys.ts';
import type { KeyedHash } from '../hash/keyed-hash.ts';
import type { CacheFile } from '../index/cache-file.ts';
import type { IndexView } from '../index/index-view.ts';
import { PACK_DURABLE, PACK_LOST, SUMS } from '../lanes/protocol.ts';
import { METHOD_PLAIN, METHOD_ZSTD } from '../packs/format.ts';
import { PackBuilder, type SealedPack } from '../packs/pack-builder.ts';
import { ABSENT, FIRST_PACK, type IdTable, KNOWN } from '../table/id-table.ts';
import { type Compress, isWorth } from '../zstd/compressor.ts';
import { distrust } from './distrust.ts';

/** What a chunk store works with; the arrays are shared with the writer's other threads. */
export interface ChunkStoreParts {
  readonly hash: KeyedHash;
  readonly keys: DerivedKeys;
  readonly compress: Compress;
  /** Of data; parts of disk maps are always looked up and compressed. */
  readonly dedupe: DedupeMode;
  readonly table: IdTable;
  readonly states: Int32Array;
  readonly sums: BigInt64Array;
}

/** Finds out whether a chunk is there already; if not, compresses and seals it into this thread's open pack. */
export class ChunkStore {
  readonly #parts: ChunkStoreParts;
  #index: IndexView;
  #builder: PackBuilder | null = null;
  #number = -1;
  /** What is in the open pack, where nothing is looked up: no pack has a chunk twice. */
  readonly #inPack = new Set<string>();
  /** Packs of the index whose ids are in the table, by cache file. */
  #loaded = new Map<CacheFile, Set<number>>();

  constructor(parts: ChunkStoreParts, index: IndexView) {
    this.#parts = parts;
    this.#index = index;
  }

  /** The table has been emptied, or the index has changed. */
  setIndex(index: IndexView): void {
    this.#index = index;
    this.#loaded = new Map();
  }

  get openPack(): number {
    return this.#builder === null ? -1 : this.#number;
  }

  idOf(plain: Uint8Array): Uint8Array {
    return this.#parts.hash(plain);
  }

  /** Begins a pack in the memory given. Only when there is none open. */
  begin(lease: string, run: number, pack: string, number: number, memory: ArrayBuffer): void {
    const { keys } = this.#parts;
    const generation = keys.current;
    const key = keys.pack(generation, pack);
    if (key === null) throw new Error(`no master key of generation ${generation}`);
    this.#number = number;
    this.#inPack.clear();
    this.#builder = new PackBuilder({ generation, run, pack, lease }, key, memory);
  }

  /** Seals the open pack; `null` when none is open. */
  seal(): { readonly number: number; readonly generation: number; readonly sealed: SealedPack } | null {
    const builder = this.#builder;
    if (builder === null) return null;
    this.#builder = null;
    return { number: this.#number, generation: builder.header.generation, sealed: builder.seal() };
  }

  /** A chunk that the index knows cannot be read. */
  distrust(id: Uint8Array): void {
    distrust(this.#parts.table, this.#parts.states, id);
  }

  /** Whether a chunk is there; if so `needs` gets the pack, by number, that holds it, unless that is durable. */
  has(id: Uint8Array, needs: Set<number>): boolean {
    return this.#isThere(this.#ownerOf(id, wordsOf(id)), needs);
  }

  /**
   * Stores a chunk unless it is there.
   * @param needs Gets the packs, by number, that hold the chunk and are not durable yet.
   * @param isData Whether it is data of a disk, and counts as such; or a part of a disk map.
   * @returns `false` when a new pack must be begun first; then nothing has happened.
   */
  put(id: Uint8Array, plain: Uint8Array, needs: Set<number>, isData: boolean): boolean {
    const { dedupe } = this.#parts;
    if (isData && dedupe === 'off') return this.#putAgain(id, plain, needs);
    const lands = isData && dedupe === 'deferred';
    const words = wordsOf(id);
    let owner = lands ? this.#parts.table.find(words) : this.#ownerOf(id, words);
    for (;;) {
      if (this.#isThere(owner, needs)) {
        if (isData) this.#add(SUMS.duplicate, plain.length);
        return true;
      }
      if (this.#builder === null || !this.#builder.fits(plain.length)) return false;
      const mine = FIRST_PACK + this.#number;
      const { table } = this.#parts;
      const got = owner === ABSENT ? table.claim(words, mine) : table.replace(words, owner, mine);
      // A full table enters nothing: the chunk is stored all the same.
      if (got === mine || got === ABSENT) break;
      owner = got;
    }
    if (lands) this.#land(this.#builder, id, plain);
    else this.#store(this.#builder, id, plain);
    if (isData) this.#add(SUMS.fresh, plain.length);
    needs.add(this.#number);
    return true;
  }

  /** Stores a chunk whatever is there. */
  #putAgain(id: Uint8Array, plain: Uint8Array, needs: Set<number>): boolean {
    if (this.#builder === null) return false;
    const key = Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
    if (this.#inPack.has(key)) this.#add(SUMS.duplicate, plain.length);
    else {
      if (!this.#builder.fits(plain.length)) return false;
      this.#store(this.#builder, id, plain);
      this.#inPack.add(key);
      this.#add(SUMS.fresh, plain.length);
    }
    needs.add(this.#number);
    return true;
  }

  #ownerOf(id: Uint8Array, words: Int32Array): number {
    const owner = this.#parts.table.find(words);
    if (owner !== ABSENT) return owner;
    const found = this.#index.first(id, words);
    if (found === null) return ABSENT;
    this.#loadPack(found.file, found.hit.packNumber);
    return KNOWN;
  }

  #isThere(owner: number, needs: Set<number>): boolean {
    if (owner < KNOWN) return false;
    if (owner === KNOWN) return true;
    const state = Atomics.load(this.#parts.states, owner - FIRST_PACK);
    if (state === PACK_LOST) return false;
    if (state !== PACK_DURABLE) needs.add(owner - FIRST_PACK);
    return true;
  }

  /** Chunks that were stored together come together again. */
  #loadPack(file: CacheFile, number: number): void {
    let loaded = this.#loaded.get(file);
    if (loaded === undefined) {
      loaded = new Set();
      this.#loaded.set(file, loaded);
    }
    if (loaded.has(number)) return;
    loaded.add(number);
    const ids = file.packIds(number);
    if (ids === null) return;
    const words = new Int32Array(8);
    const bytes = Buffer.from(words.buffer);
    for (let at = 0; at < ids.length; at += 32) {
      ids.copy(bytes, 0, at, at + 32);
      this.#parts.table.claim(words, KNOWN);
    }
  }

  #store(builder: PackBuilder, id: Uint8Array, plain: Uint8Array): void {
    const frame = this.#parts.compress(plain);
    const stored = isWorth(frame, plain)
      ? builder.add(id, plain.length, METHOD_ZSTD, frame)
      : builder.add(id, plain.length, METHOD_PLAIN, plain);
    this.#add(SUMS.stored, stored);
  }

  /** As it is: it is compressed when there is time. */
  #land(builder: PackBuilder, id: Uint8Array, plain: Uint8Array): void {
    this.#add(SUMS.stored, builder.add(id, plain.length, METHOD_PLAIN, plain));
  }

  #add(sum: number, bytes: number): void {
    Atomics.add(this.#parts.sums, sum, BigInt(bytes));
  }
}

function wordsOf(id: Uint8Array): Int32Array {
  if (id.byteOffset % 4 === 0) return new Int32Array(id.buffer, id.byteOffset, 8);
  return new Int32Array(Uint8Array.from(id).buffer);
}
