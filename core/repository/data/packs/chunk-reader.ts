import type { KeyedHash } from '../hash/keyed-hash.ts';
import type { Location } from '../index/cache-file.ts';
import type { Decompress } from '../zstd/decompressor.ts';
import { METHOD_PLAIN, RECORD_OVERHEAD } from './format.ts';
import { openRecord } from './open-record.ts';
import { newScratch, type OpenPack, type PackAccess } from './pack-access.ts';
import { release } from './release.ts';

/** Opens chunks: authenticates, decompresses and hashes them. */
export class ChunkReader {
  readonly #packs: PackAccess;
  readonly #hash: KeyedHash;
  readonly #decompress: Decompress;

  constructor(packs: PackAccess, hash: KeyedHash, decompress: Decompress) {
    this.#packs = packs;
    this.#hash = hash;
    this.#decompress = decompress;
  }

  /**
   * Reads one chunk from the first of some places where it is whole.
   * @returns `null` when it is whole in none of them.
   */
  async read(id: Uint8Array, places: readonly Location[]): Promise<Buffer | null> {
    for (const place of places) {
      using pack = await this.#packs.open(place.pack);
      if (pack === null) continue;
      const sealed = await pack.read(place.offset, place.storedBytes + RECORD_OVERHEAD, newScratch());
      const plain = Buffer.allocUnsafe(place.plainBytes);
      if (this.open(pack, place, sealed, id, plain)) return plain;
    }
    return null;
  }

  /**
   * Opens a record into `plain`, which must have its plain length.
   * @returns Whether it is the chunk with this id, whole.
   */
  open(pack: OpenPack, place: Location, sealed: Buffer, id: Uint8Array, plain: Uint8Array): boolean {
    if (sealed.length !== place.storedBytes + RECORD_OVERHEAD || !matches(sealed, place, id)) return false;
    for (const key of pack.keys) {
      const body = openRecord(key, place.record, sealed);
      if (body === null) continue;
      const isPlain = place.method === METHOD_PLAIN;
      if (isPlain) plain.set(body);
      const isWhole = isPlain || this.#decompress(body, plain);
      release(body);
      if (!isWhole) return false;
      return sameBytes(this.#hash(plain), id);
    }
    return false;
  }

  /** Whether the body of a record is the chunk that its id says. `scratch` is at least as long as the chunk. */
  isChunk(id: Uint8Array, plainBytes: number, method: number, body: Uint8Array, scratch: Uint8Array): boolean {
    if (method === METHOD_PLAIN) return body.length === plainBytes && sameBytes(this.#hash(body), id);
    const plain = scratch.subarray(0, plainBytes);
    return this.#decompress(body, plain) && sameBytes(this.#hash(plain), id);
  }
}

function matches(sealed: Buffer, place: Location, id: Uint8Array): boolean {
  return (
    sameBytes(sealed.subarray(0, 32), id) &&
    sealed.readUInt32LE(32) === place.plainBytes &&
    sealed.readUInt32LE(36) === place.storedBytes &&
    sealed.readUInt32LE(40) === place.method
  );
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
