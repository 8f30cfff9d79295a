import { type CipherGCM, createCipheriv, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  CIPHER,
  ENTRY_BYTES,
  encodeHeader,
  footerNonce,
  HEADER_BYTES,
  ID_BYTES,
  MAX_RECORDS,
  PACK_END_MAGIC,
  PACK_OVERHEAD,
  type PackHeader,
  RECORD_HEADER_BYTES,
  RECORD_OVERHEAD,
  recordNonce,
  TAG_BYTES,
  TRAILER_BYTES,
} from './format.ts';
import { release } from './release.ts';

/** A pack that is ready to be put. */
export interface SealedPack {
  readonly pack: string;
  /** Memory that holds the pack, perhaps longer than the pack. */
  readonly memory: ArrayBuffer;
  readonly length: number;
  /** The list of the footer in plain: 48 bytes for each record. */
  readonly list: Buffer;
  /** Sum of the chunks' plain lengths. */
  readonly plainBytes: number;
}

/** Room that a pack of one chunk of this length takes at most. */
export const roomFor = (plainBytes: number): number => PACK_OVERHEAD + RECORD_OVERHEAD + ENTRY_BYTES + plainBytes;

/** Fills one pack, in memory that is given. A pack is sealed once and its identity never used again, so that a nonce never is. */
export class PackBuilder {
  readonly header: PackHeader;
  readonly #key: KeyObject;
  readonly #memory: ArrayBuffer;
  readonly #bytes: Buffer;
  #list: Buffer = Buffer.allocUnsafeSlow(1024 * ENTRY_BYTES);
  #length = HEADER_BYTES;
  #records = 0;
  #plainBytes = 0;
  /** Checksum of all bytes up to `#length`. */
  #sum: number;

  constructor(header: PackHeader, key: KeyObject, memory: ArrayBuffer) {
    this.header = header;
    this.#key = key;
    this.#memory = memory;
    this.#bytes = Buffer.from(memory);
    encodeHeader(header).copy(this.#bytes);
    this.#sum = crc32(this.#bytes.subarray(0, HEADER_BYTES));
  }

  get isEmpty(): boolean {
    return this.#records === 0;
  }

  /** Whether a chunk of this length still fits, however badly it compresses. */
  fits(plainBytes: number): boolean {
    const footer = (this.#records + 1) * ENTRY_BYTES + TAG_BYTES + TRAILER_BYTES;
    return (
      this.#records < MAX_RECORDS && this.#length + RECORD_OVERHEAD + plainBytes + footer <= this.#memory.byteLength
    );
  }

  /**
   * Seals one chunk.
   * @param body The chunk, or its zstd frame when `method` is 1; no longer than the chunk.
   * @returns Bytes that it takes in the pack.
   */
  add(id: Uint8Array, plainBytes: number, method: number, body: Uint8Array): number {
    const at = this.#length;
    const head = this.#bytes.subarray(at, at + RECORD_HEADER_BYTES);
    head.set(id, 0);
    head.writeUInt32LE(plainBytes, 32);
    head.writeUInt32LE(body.length, 36);
    head.writeUInt32LE(method, 40);
    const cipher = createCipheriv(CIPHER, this.#key, recordNonce(this.#records, id));
    cipher.setAAD(head);
    this.#append(at + RECORD_HEADER_BYTES, cipher, body);
    // At once, while the bytes are at hand in the processor's cache.
    this.#sum = crc32(this.#bytes.subarray(at, this.#length), this.#sum);
    this.#note(id, at, plainBytes, body.length, method);
    return this.#length - at;
  }

  /** Nothing can be added after this. */
  seal(): SealedPack {
    // A copy of its own memory, so that it can travel to another thread alone.
    const list = Buffer.from(Uint8Array.from(this.#list.subarray(0, this.#records * ENTRY_BYTES)).buffer);
    const cipher = createCipheriv(CIPHER, this.#key, footerNonce());
    cipher.setAAD(this.#bytes.subarray(0, HEADER_BYTES));
    const footerAt = this.#length;
    this.#append(footerAt, cipher, list);
    const at = this.#length;
    this.#bytes.writeUInt32LE(list.length + TAG_BYTES, at);
    this.#bytes.writeUInt32LE(PACK_END_MAGIC, at + 4);
    this.#bytes.writeUInt32LE(crc32(this.#bytes.subarray(footerAt, at + 8), this.#sum), at + 8);
    this.#length = at + TRAILER_BYTES;
    return {
      pack: this.header.pack,
      memory: this.#memory,
      length: this.#length,
      list,
      plainBytes: this.#plainBytes,
    };
  }

  #append(at: number, cipher: CipherGCM, plain: Uint8Array): void {
    const sealed = cipher.update(plain);
    cipher.final();
    this.#bytes.set(sealed, at);
    this.#bytes.set(cipher.getAuthTag(), at + sealed.length);
    this.#length = at + sealed.length + TAG_BYTES;
    release(sealed);
  }

  #note(id: Uint8Array, offset: number, plainBytes: number, storedBytes: number, method: number): void {
    const at = this.#records * ENTRY_BYTES;
    if (at === this.#list.length) this.#list = Buffer.concat([this.#list, Buffer.allocUnsafeSlow(at)]);
    this.#list.set(id, at);
    this.#list.writeUInt32LE(offset, at + ID_BYTES);
    this.#list.writeUInt32LE(plainBytes, at + 36);
    this.#list.writeUInt32LE(storedBytes, at + 40);
    this.#list.writeUInt32LE(method, at + 44);
    this.#records++;
    this.#plainBytes += plainBytes;
  }
}
