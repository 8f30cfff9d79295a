import type { KeyObject } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { HoldfastError } from '@holdfast/api';
import type { DerivedKeys } from '../hash/derived-keys.ts';
import { decodeHeader, HEADER_BYTES, type PackHeader } from './format.ts';

/** How a thread gets at the bytes of packs that it cannot read by itself. */
export interface PackFetcher {
  /** Where a pack lies on this machine; `path` is `null` when it must be fetched. `null` when there is no such pack. */
  locate(pack: string): Promise<{ readonly path: string | null; readonly sizeBytes: number } | null>;
  /** Bytes of a pack; fewer when it ends before. Throws `TARGET_IO`. */
  fetch(pack: string, offset: number, length: number): Promise<Uint8Array>;
}

/** Memory to read into, of one reader alone; it grows as it must. */
export interface Scratch {
  bytes: Buffer;
}

export const newScratch = (): Scratch => ({ bytes: Buffer.alloc(0) });

/** A pack that can be read, until it is disposed of. */
export interface OpenPack extends Disposable {
  readonly pack: string;
  readonly sizeBytes: number;
  /** Whether its bytes come from afar; else from a file on this machine. */
  readonly isRemote: boolean;
  /** How much to read at a time: what stays in the processor's cache from a local file, more where each read is a journey. */
  readonly goodReadBytes: number;
  /** Its first 48 bytes, as they are. */
  readonly headerBytes: Buffer;
  /** `null` when the header is damaged. */
  readonly header: PackHeader | null;
  /** The key of the generation that the header names; of all generations when it names none that is held. */
  readonly keys: readonly KeyObject[];
  /** Whether the header names a generation whose key is held. */
  readonly keyIsHeld: boolean;
  /** Bytes from `offset`; fewer when the pack ends before. They may lie in `scratch`, until the next read into it. */
  read(offset: number, length: number, scratch: Scratch): Buffer | Promise<Buffer>;
}

/** A pack as it is kept open between uses. */
interface Kept {
  readonly pack: OpenPack;
  readonly fd: number;
  users: number;
  isRetired: boolean;
}

const MOST_OPEN = 48;
const LOCAL_READ_BYTES = 1024 * 1024;
const REMOTE_READ_BYTES = 4 * 1024 * 1024;

/** Packs that this thread reads, kept open while they are used often. */
export class PackAccess {
  readonly #keys: DerivedKeys;
  readonly #fetcher: PackFetcher;
  readonly #kept = new Map<string, Kept>();

  constructor(keys: DerivedKeys, fetcher: PackFetcher) {
    this.#keys = keys;
    this.#fetcher = fetcher;
  }

  /** `null` when there is no such pack. Throws `TARGET_IO`. */
  async open(pack: string): Promise<OpenPack | null> {
    const known = this.#kept.get(pack);
    if (known !== undefined) {
      // The one used last is forgotten last.
      this.#kept.delete(pack);
      this.#kept.set(pack, known);
      known.users++;
      return known.pack;
    }
    const place = await this.#fetcher.locate(pack);
    if (place === null) return null;
    const opened = place.path === null ? await this.#remote(pack, place.sizeBytes) : this.#local(pack, place.path);
    if (opened === null) return null;
    this.#forget(pack);
    this.#kept.set(pack, opened);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= MOST_OPEN) break;
      this.#forget(oldest);
    }
    return opened.pack;
  }

  /** Opens a pack as it is now, whatever is known of it. */
  openAnew(pack: string): Promise<OpenPack | null> {
    this.#forget(pack);
    return this.open(pack);
  }

  /** Forgets all packs; those in use stay readable until they are disposed of. */
  forgetAll(): void {
    for (const pack of [...this.#kept.keys()]) this.#forget(pack);
  }

  #forget(pack: string): void {
    const kept = this.#kept.get(pack);
    this.#kept.delete(pack);
    if (kept === undefined) return;
    kept.isRetired = true;
    closeUnused(kept);
  }

  #local(pack: string, path: string): Kept | null {
    const fd = openExisting(path);
    if (fd === null) return null;
    const read = (offset: number, length: number, scratch: Scratch): Buffer => {
      if (scratch.bytes.length < length) scratch.bytes = Buffer.allocUnsafeSlow(length);
      let done = 0;
      while (done < length) {
        const got = readPiece(fd, path, scratch.bytes, done, length - done, offset + done);
        if (got === 0) break;
        done += got;
      }
      return scratch.bytes.subarray(0, done);
    };
    try {
      return this.#keep(pack, fstatSync(fd).size, read(0, HEADER_BYTES, newScratch()), read, fd);
    } catch (cause) {
      closeSync(fd);
      throw cause;
    }
  }

  async #remote(pack: string, sizeBytes: number): Promise<Kept> {
    const read = async (offset: number, length: number): Promise<Buffer> => {
      const bytes = await this.#fetcher.fetch(pack, offset, length);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    };
    return this.#keep(pack, sizeBytes, await read(0, HEADER_BYTES), read, -1);
  }

  #keep(pack: string, sizeBytes: number, headerBytes: Buffer, read: OpenPack['read'], fd: number): Kept {
    const decoded = decodeHeader(headerBytes);
    const header = decoded?.pack === pack ? decoded : null;
    const named = header === null ? null : this.#keys.pack(header.generation, pack);
    const all = named === null ? this.#keys.generations().map((number) => this.#keys.pack(number, pack)) : [named];
    const keys = all.filter((key) => key !== null);
    const dispose = (): void => {
      kept.users--;
      closeUnused(kept);
    };
    const isRemote = fd < 0;
    const goodReadBytes = isRemote ? REMOTE_READ_BYTES : LOCAL_READ_BYTES;
    const opened: OpenPack = {
      pack,
      sizeBytes,
      isRemote,
      goodReadBytes,
      headerBytes,
      header,
      keys,
      keyIsHeld: named !== null,
      read,
      [Symbol.dispose]: dispose,
    };
    const kept: Kept = { pack: opened, fd, users: 1, isRetired: false };
    return kept;
  }
}

function openExisting(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw ioFailure(path, cause);
  }
}

function readPiece(fd: number, path: string, into: Buffer, at: number, length: number, offset: number): number {
  try {
    return readSync(fd, into, at, length, offset);
  } catch (cause) {
    throw ioFailure(path, cause);
  }
}

/** What the file system said of a pack; anything else is a bug and stays one. */
function ioFailure(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error && 'code' in cause && 'syscall' in cause)) return cause;
  const reason = String(cause.code);
  return new HoldfastError('TARGET_IO', `reading ${path}: failed with ${reason}`, { facts: { path, reason }, cause });
}

function closeUnused(kept: Kept): void {
  if (kept.isRetired && kept.users === 0 && kept.fd >= 0) closeSync(kept.fd);
}
