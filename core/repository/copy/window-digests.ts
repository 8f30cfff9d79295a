import { createHash } from 'node:crypto';
import type { Extent } from '@holdfast/api';

/** Enough to tell two windows apart that differ by accident; what is meant ill has failed its authentication before. */
const DIGEST_BYTES = 16;

/** What came out of a source, window by window: 17 bytes of memory for each window of the disk. */
export class WindowDigests {
  readonly windowBytes: number;
  readonly #sizeBytes: number;
  readonly #digests: Buffer;
  readonly #seen: Uint8Array;

  constructor(sizeBytes: number, windowBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.windowBytes = windowBytes;
    const windows = Math.ceil(sizeBytes / windowBytes);
    this.#digests = Buffer.alloc(windows * DIGEST_BYTES);
    this.#seen = new Uint8Array(windows);
  }

  /** Takes the bytes of a whole window. */
  note(offset: number, bytes: Uint8Array): void {
    const window = Math.floor(offset / this.windowBytes);
    if (offset % this.windowBytes !== 0 || bytes.length !== this.#lengthOf(window)) {
      throw new Error(`a disk was read from ${offset}, ${bytes.length} bytes, which is not a window of it`);
    }
    this.#digests.set(digestOf(bytes), window * DIGEST_BYTES);
    this.#seen[window] = 1;
  }

  /** Whether all windows that a range touches were read. */
  covers({ offset, length }: Extent): boolean {
    const end = Math.ceil((offset + length) / this.windowBytes);
    for (let window = Math.floor(offset / this.windowBytes); window < end; window++) {
      if (this.#seen[window] !== 1) return false;
    }
    return true;
  }

  /** Whether these are the bytes that were read there. */
  matches(offset: number, bytes: Uint8Array): boolean {
    const at = Math.floor(offset / this.windowBytes) * DIGEST_BYTES;
    return digestOf(bytes).equals(this.#digests.subarray(at, at + DIGEST_BYTES));
  }

  /** The windows that were read, ascending, those that follow one another together. */
  *runs(): Iterable<Extent> {
    for (let first = this.#seen.indexOf(1); first >= 0; ) {
      const after = this.#seen.indexOf(0, first);
      const end = after < 0 ? this.#seen.length : after;
      const offset = first * this.windowBytes;
      yield { offset, length: Math.min(this.#sizeBytes, end * this.windowBytes) - offset };
      first = this.#seen.indexOf(1, end);
    }
  }

  #lengthOf(window: number): number {
    return Math.min(this.windowBytes, this.#sizeBytes - window * this.windowBytes);
  }
}

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest().subarray(0, DIGEST_BYTES);
