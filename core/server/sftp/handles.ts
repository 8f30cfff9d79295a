import type { PointDiskEntry } from '../point-source.ts';
import type { Facts } from './attributes.ts';
import type { Lease } from './opened-points.ts';
import type { TreeEntry } from './tree.ts';

export interface FileHandle {
  readonly kind: 'file';
  readonly facts: Facts;
  readonly disk: PointDiskEntry;
  readonly lease: Lease;
  /** Where the last read ended: one that begins there goes on. */
  nextOffset: number;
}

export interface FolderHandle {
  readonly kind: 'folder';
  readonly facts: Facts;
  readonly entries: readonly TreeEntry[];
  /** How many were told. */
  told: number;
}

export type OpenHandle = FileHandle | FolderHandle;

/** Open files and folders of one session, so many at most. */
export class Handles {
  readonly #open = new Map<number, OpenHandle>();
  readonly #limit: number;
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#open.size;
  }

  get isFull(): boolean {
    return this.#open.size >= this.#limit;
  }

  add(handle: OpenHandle): Buffer {
    const number = this.#next;
    this.#next = (this.#next + 1) % 2 ** 32;
    this.#open.set(number, handle);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(number);
    return bytes;
  }

  get(bytes: Buffer): OpenHandle | null {
    return bytes.length === 4 ? (this.#open.get(bytes.readUInt32BE()) ?? null) : null;
  }

  /** Answers whether there was one. */
  close(bytes: Buffer): boolean {
    const handle = this.get(bytes);
    if (handle === null) return false;
    this.#open.delete(bytes.readUInt32BE());
    if (handle.kind === 'file') handle.lease.release();
    return true;
  }

  closeAll(): void {
    for (const handle of this.#open.values()) if (handle.kind === 'file') handle.lease.release();
    this.#open.clear();
  }
}
