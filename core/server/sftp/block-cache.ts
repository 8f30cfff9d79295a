const blockBytes = 1024 * 1024;

/** Reads bytes of one disk. */
export type ReadRange = (offset: number, length: number) => Promise<Uint8Array>;

interface Block {
  readonly bytes: Promise<Uint8Array>;
  readonly size: number;
}

/**
 * Blocks of disks that were read a moment ago or will be asked for soon, no more than so many bytes. A client asks for 32 KiB at a time and for many at
 * once; the repository is asked for a megabyte, and for the next ones while the client takes this one.
 */
export class BlockCache {
  /** In order of use, the longest unused first. */
  readonly #blocks = new Map<string, Block>();
  readonly #maxBytes: number;
  readonly #ahead: number;
  #bytes = 0;

  constructor(maxBytes = 12 * blockBytes, ahead = 3) {
    this.#maxBytes = maxBytes;
    this.#ahead = ahead;
  }

  get heldBytes(): number {
    return this.#bytes;
  }

  /**
   * `length` bytes from `offset`, both within the disk.
   * @param disk Stands for the disk, in this cache.
   * @param isSequential Whether the next ones are likely to be asked for.
   */
  async read(disk: string, sizeBytes: number, range: Range, read: ReadRange, isSequential: boolean): Promise<Buffer> {
    const first = Math.floor(range.offset / blockBytes);
    const last = Math.floor((range.offset + range.length - 1) / blockBytes);
    const wanted = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const blocks = wanted.map((index) => this.#block(disk, sizeBytes, index, read));
    if (isSequential) {
      for (let index = last + 1; index <= last + this.#ahead && index * blockBytes < sizeBytes; index++) {
        // What fails ahead fails again when it is asked for, and is told then.
        this.#block(disk, sizeBytes, index, read).catch(() => {});
      }
    }
    const out = Buffer.allocUnsafe(range.length);
    for (const [nth, promise] of blocks.entries()) {
      const at = (first + nth) * blockBytes;
      const bytes = await promise;
      const from = Math.max(range.offset, at);
      const to = Math.min(range.offset + range.length, at + bytes.length);
      out.set(bytes.subarray(from - at, to - at), from - range.offset);
    }
    return out;
  }

  clear(): void {
    this.#blocks.clear();
    this.#bytes = 0;
  }

  #block(disk: string, sizeBytes: number, index: number, read: ReadRange): Promise<Uint8Array> {
    const key = `${disk} ${index}`;
    const known = this.#blocks.get(key);
    if (known !== undefined) {
      this.#blocks.delete(key);
      this.#blocks.set(key, known);
      return known.bytes;
    }
    const offset = index * blockBytes;
    const size = Math.min(blockBytes, sizeBytes - offset);
    const block: Block = { bytes: whole(read(offset, size), size), size };
    // Another one may stand here by then.
    block.bytes.catch(() => this.#blocks.get(key) === block && this.#forget(key));
    this.#blocks.set(key, block);
    this.#bytes += size;
    for (const [oldest] of this.#blocks) {
      if (this.#bytes <= this.#maxBytes || oldest === key) break;
      this.#forget(oldest);
    }
    return block.bytes;
  }

  #forget(key: string): void {
    const block = this.#blocks.get(key);
    if (block === undefined) return;
    this.#blocks.delete(key);
    this.#bytes -= block.size;
  }
}

export interface Range {
  readonly offset: number;
  readonly length: number;
}

async function whole(reading: Promise<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = await reading;
  // Less than was asked for must never be filled up with anything.
  if (bytes.length !== size) throw new Error(`asked for ${size} bytes of a disk and got ${bytes.length}`);
  return bytes;
}
