import { createHash } from 'node:crypto';
import type { Extent } from '@holdfast/api';

/** Enough to tell two windows apart that differ by accident; what is meant ill has failed its authentication before. */
const DIGEST_BYTES = 16;
/** Windows whose digests lie together. */
const PAGE_WINDOWS = 4096;

interface Page {
  readonly digests: Buffer;
  readonly seen: Uint8Array;
}

/** What came out of a source, window by window: 17 bytes of memory for each window around those that were read, however large the disk says it is. */
export class WindowDigests {
  readonly windowBytes: number;
  readonly #sizeBytes: number;
  readonly #pages = new Map<number, Page>();

  constructor(sizeBytes: number, windowBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.windowBytes = windowBytes;
  }

  /** Takes the bytes of a whole window. */
  note(offset: number, bytes: Uint8Array): void {
    const window = Math.floor(offset / this.windowBytes);
    if (offset % this.windowBytes !== 0 || bytes.length !== this.#lengthOf(window)) {
      throw new Error(`a disk was read from ${offset}, ${bytes.length} bytes, which is not a window of it`);
    }
    const { digests, seen } = this.#page(window);
    digests.set(digestOf(bytes), (window % PAGE_WINDOWS) * DIGEST_BYTES);
    seen[window % PAGE_WINDOWS] = 1;
  }

  /** Whether all windows that a range touches were read. */
  covers({ offset, length }: Extent): boolean {
    const end = Math.ceil((offset + length) / this.windowBytes);
    for (let window = Math.floor(offset / this.windowBytes); window < end; window++) {
      if (!this.#isSeen(window)) return false;
    }
    return true;
  }

  /** Whether these are the bytes that were read there. */
  matches(offset: number, bytes: Uint8Array): boolean {
    const window = Math.floor(offset / this.windowBytes);
    const at = (window % PAGE_WINDOWS) * DIGEST_BYTES;
    const page = this.#pages.get(Math.floor(window / PAGE_WINDOWS));
    return page !== undefined && digestOf(bytes).equals(page.digests.subarray(at, at + DIGEST_BYTES));
  }

  /** Bytes of all windows that were read. */
  get readBytes(): number {
    let sum = 0;
    for (const { length } of this.runs()) sum += length;
    return sum;
  }

  /** The windows that were read, ascending, those that follow one another together. */
  *runs(): Iterable<Extent> {
    let first = -1;
    let end = -1;
    for (const number of [...this.#pages.keys()].toSorted((a, b) => a - b)) {
      const { seen } = this.#pages.get(number) as Page;
      for (const [at, isSeen] of seen.entries()) {
        if (isSeen === 0) continue;
        const window = number * PAGE_WINDOWS + at;
        if (window !== end) {
          if (first >= 0) yield this.#extent(first, end);
          first = window;
        }
        end = window + 1;
      }
    }
    if (first >= 0) yield this.#extent(first, end);
  }

  #extent(first: number, end: number): Extent {
    const offset = first * this.windowBytes;
    return { offset, length: Math.min(this.#sizeBytes, end * this.windowBytes) - offset };
  }

  #isSeen(window: number): boolean {
    return this.#pages.get(Math.floor(window / PAGE_WINDOWS))?.seen[window % PAGE_WINDOWS] === 1;
  }

  #page(window: number): Page {
    const number = Math.floor(window / PAGE_WINDOWS);
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const page = { digests: Buffer.alloc(PAGE_WINDOWS * DIGEST_BYTES), seen: new Uint8Array(PAGE_WINDOWS) };
    this.#pages.set(number, page);
    return page;
  }

  #lengthOf(window: number): number {
    return Math.min(this.windowBytes, this.#sizeBytes - window * this.windowBytes);
  }
}

const digestOf = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest().subarray(0, DIGEST_BYTES);
