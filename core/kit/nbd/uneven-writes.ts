interface WholeBlocks {
  read(into: Uint8Array, offset: number): Promise<void>;
  write(bytes: Uint8Array, offset: number, fua: boolean): Promise<void>;
}

/**
 * Writes of any place and length to a server that only takes whole blocks: the blocks at both ends are read, changed and written back. They
 * are done one after another, for two of them may change different parts of the same block.
 */
export class UnevenWrites {
  readonly #minBlock: number;
  readonly #sizeBytes: number;
  readonly #blocks: WholeBlocks;
  #last: Promise<unknown> = Promise.resolve();

  constructor(minBlock: number, sizeBytes: number, blocks: WholeBlocks) {
    this.#minBlock = minBlock;
    this.#sizeBytes = sizeBytes;
    this.#blocks = blocks;
  }

  async write(bytes: Uint8Array, offset: number, fua: boolean): Promise<void> {
    const end = offset + bytes.length;
    const isEven = offset % this.#minBlock === 0 && (end % this.#minBlock === 0 || end === this.#sizeBytes);
    if (isEven) return this.#blocks.write(bytes, offset, fua);
    const mine = this.#last.then(() => this.#merge(bytes, offset, fua));
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #merge(bytes: Uint8Array, offset: number, fua: boolean): Promise<void> {
    const start = offset - (offset % this.#minBlock);
    const end = Math.min(this.#sizeBytes, Math.ceil((offset + bytes.length) / this.#minBlock) * this.#minBlock);
    const blocks = Buffer.alloc(end - start);
    const first = blocks.subarray(0, Math.min(this.#minBlock, blocks.length));
    const last = blocks.subarray(blocks.length - 1 - ((end - 1) % this.#minBlock));
    await this.#blocks.read(first, start);
    if (last.byteOffset !== first.byteOffset) await this.#blocks.read(last, end - last.length);
    blocks.set(bytes, offset - start);
    await this.#blocks.write(blocks, start, fua);
  }
}
