import { createHash } from 'node:crypto';
import { PIECE_BYTES } from './segment-list.ts';

const ENTRY_BYTES = 44;

/**
 * Sums up the pieces of a disk, in order.
 * @see docs/formats/repository.md §8, `root`
 */
export class RootHash {
  #hash = createHash('sha256');
  chunks = 0;
  dataBytes = 0;

  /** @param list A segment list; empty for a segment without data. */
  add(list: Uint8Array, segmentStart: number): void {
    const count = list.length / PIECE_BYTES;
    const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
    const entries = Buffer.allocUnsafe(count * ENTRY_BYTES);
    for (let i = 0; i < count; i++) {
      const from = i * PIECE_BYTES;
      const to = i * ENTRY_BYTES;
      const length = view.getUint32(from + 4, true);
      entries.writeBigUInt64LE(BigInt(segmentStart + view.getUint32(from, true)), to);
      entries.writeUInt32LE(length, to + 8);
      entries.set(list.subarray(from + 8, from + PIECE_BYTES), to + 12);
      this.dataBytes += length;
    }
    this.chunks += count;
    this.#hash.update(entries);
  }

  /** 64 hexadecimal digits. Nothing can be added afterwards. */
  digest(): string {
    return this.#hash.digest('hex');
  }
}
