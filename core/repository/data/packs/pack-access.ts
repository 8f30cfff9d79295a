import type { KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { DerivedKeys } from '../hash/derived-keys.ts';
import { decodeHeader, HEADER_BYTES, type PackHeader } from './format.ts';

/** How a thread gets at the bytes of packs that it cannot read by itself. */
export interface PackFetcher {
  /** Where a pack lies on this machine; `path` is `null` when it must be fetched. `null` when there is no such pack. */
  locate(pack: string): Promise<{ readonly path: string | null; readonly sizeBytes: number } | null>;
  /** Bytes of a pack; fewer when it ends before. Throws `OBJECT_NOT_FOUND`, `TARGET_IO`. */
  fetch(pack: string, offset: number, length: number): Promise<Uint8Array>;
}

/** A pack that can be read. */
export interface OpenPack {
  readonly pack: string;
  readonly sizeBytes: number;
  /** Its first 48 bytes, as they are. */
  readonly headerBytes: Buffer;
  /** `null` when the header is damaged. */
  readonly header: PackHeader | null;
  /** The key of the generation that the header names; of all generations when it names none that is held. */
  readonly keys: readonly KeyObject[];
  /** Bytes from `offset`; fewer when the pack ends before. The answer may be overwritten by the next read of any pack. */
  read(offset: number, length: number): Buffer | Promise<Buffer>;
}

const MOST_OPEN = 48;

/** Packs that this thread reads, kept open while they are used often. */
export class PackAccess {
  readonly #keys: DerivedKeys;
  readonly #fetcher: PackFetcher;
  /** One for all packs: what was read is overwritten by the next read. */
  #memory = Buffer.alloc(0);
  readonly #open = new Map<string, { readonly pack: OpenPack; readonly fd: number }>();

  constructor(keys: DerivedKeys, fetcher: PackFetcher) {
    this.#keys = keys;
    this.#fetcher = fetcher;
  }

  /** `null` when there is no such pack. Throws `TARGET_IO`. */
  async open(pack: string): Promise<OpenPack | null> {
    const known = this.#open.get(pack);
    if (known !== undefined) {
      this.#open.delete(pack);
      this.#open.set(pack, known);
      return known.pack;
    }
    const place = await this.#fetcher.locate(pack);
    if (place === null) return null;
    const opened = place.path === null ? await this.#remote(pack, place.sizeBytes) : this.#local(pack, place.path);
    if (opened === null) return null;
    this.#open.set(pack, opened);
    if (this.#open.size > MOST_OPEN) this.#closeOldest();
    return opened.pack;
  }

  close(): void {
    while (this.#open.size > 0) this.#closeOldest();
  }

  #closeOldest(): void {
    for (const [pack, { fd }] of this.#open) {
      this.#open.delete(pack);
      if (fd >= 0) closeSync(fd);
      return;
    }
  }

  #local(pack: string, path: string): { pack: OpenPack; fd: number } | null {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
      throw cause;
    }
    const read = (offset: number, length: number): Buffer => {
      if (this.#memory.length < length) this.#memory = Buffer.allocUnsafeSlow(length);
      const memory = this.#memory;
      let done = 0;
      while (done < length) {
        const got = readSync(fd, memory, done, length - done, offset + done);
        if (got === 0) break;
        done += got;
      }
      return memory.subarray(0, done);
    };
    try {
      const head = Buffer.from(read(0, HEADER_BYTES));
      return { pack: this.#describe(pack, fstatSync(fd).size, head, read), fd };
    } catch (cause) {
      closeSync(fd);
      throw cause;
    }
  }

  async #remote(pack: string, sizeBytes: number): Promise<{ pack: OpenPack; fd: number }> {
    const read = async (offset: number, length: number): Promise<Buffer> => {
      const bytes = await this.#fetcher.fetch(pack, offset, length);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    };
    const head = await read(0, HEADER_BYTES);
    return { pack: this.#describe(pack, sizeBytes, head, read), fd: -1 };
  }

  #describe(pack: string, sizeBytes: number, headerBytes: Buffer, read: OpenPack['read']): OpenPack {
    const decoded = decodeHeader(headerBytes);
    const header = decoded?.pack === pack ? decoded : null;
    const named = header === null ? null : this.#keys.pack(header.generation, pack);
    const keys =
      named === null ? this.#keys.generations().map((generation) => this.#keys.pack(generation, pack)) : [named];
    return { pack, sizeBytes, headerBytes, header, keys: keys.filter((key) => key !== null), read };
  }
}
