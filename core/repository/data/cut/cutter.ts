import type { Suite } from '../../suite.ts';

/** Runs of at least this many blocks of zeros are holes. */
export const HOLE_BLOCKS = 16;
const SAMPLE_FIRST = 7;
const SAMPLE_STEP = 32;

/** Sizes in blocks, and what a fingerprint must match. */
interface Sizes {
  readonly least: number;
  readonly average: number;
  readonly most: number;
  readonly early: number;
  readonly late: number;
}

/**
 * Finds the ends of chunks in a window of a disk: at block ends only, where a keyed fingerprint of the block says so. What is
 * found depends on the bytes and the key alone, and only on bytes near by.
 * @see docs/formats/repository.md §10
 */
export class Cutter {
  /** First block of the piece that `next` found. */
  start = 0;
  /** Block after the piece. Equal to `start` when there is no more data. */
  end = 0;
  readonly #sizes: Sizes;
  readonly #blockWords: number;
  readonly #k0: number;
  readonly #k1: number;
  readonly #k2: number;
  /** Blocks before this have been looked at; zeros directly before it; first block of the hole that was found, or -1. */
  #seen = 0;
  #zeros = 0;
  #hole = -1;
  #fresh = true;

  /** @param key 32 bytes, the cut key. */
  constructor(chunker: Suite['chunker'], key: Uint8Array) {
    const bits = Math.log2(chunker.averageBytes / chunker.blockBytes);
    this.#sizes = {
      least: chunker.minimumBytes / chunker.blockBytes,
      average: chunker.averageBytes / chunker.blockBytes,
      most: chunker.maximumBytes / chunker.blockBytes,
      early: topBits(bits + 1),
      late: topBits(bits - 1),
    };
    this.#blockWords = chunker.blockBytes / 4;
    const words = new DataView(key.buffer, key.byteOffset, key.byteLength);
    this.#k0 = words.getInt32(0, true);
    this.#k1 = words.getInt32(4, true) | 1;
    this.#k2 = words.getInt32(8, true) | 1;
  }

  /** Begins anew, in another window or at another place. */
  restart(): void {
    this.#fresh = true;
  }

  /**
   * Finds the next piece at or after block `from`, where the piece before ended: sets `start` and `end`.
   * @param words The window; only blocks before `limit` are looked at.
   * @param limit The window's end; or, when the rest is not there yet, at least a longest chunk and a hole beyond `from`.
   * @returns Whether there is a piece; if not, `start` is how far the zeros go.
   */
  next(words: Int32Array, from: number, limit: number): boolean {
    if (this.#fresh || from === this.#hole) this.#begin(words, from, limit);
    else this.start = from;
    const start = this.start;
    this.end = start;
    if (start >= limit) return false;
    this.#lookForHole(words, Math.min(limit, start + this.#sizes.most + HOLE_BLOCKS));
    this.end = this.#cut(words, start, this.#hole >= 0 ? this.#hole : limit);
    return true;
  }

  /** Skips a hole; fewer zeros belong to the data, unless nothing follows. */
  #begin(words: Int32Array, from: number, limit: number): void {
    let at = from;
    while (at < limit && isZeroBlock(words, at, this.#blockWords)) at++;
    this.start = at - from >= HOLE_BLOCKS || at >= limit ? at : from;
    this.#seen = this.start;
    this.#zeros = 0;
    this.#hole = -1;
    this.#fresh = at >= limit;
  }

  #lookForHole(words: Int32Array, until: number): void {
    while (this.#hole < 0 && this.#seen < until) {
      if (!isZeroBlock(words, this.#seen++, this.#blockWords)) this.#zeros = 0;
      else if (++this.#zeros >= HOLE_BLOCKS) this.#hole = this.#seen - HOLE_BLOCKS;
    }
  }

  #cut(words: Int32Array, start: number, dataEnd: number): number {
    const { least, average, most, early, late } = this.#sizes;
    const end = Math.min(dataEnd, start + most);
    const middle = Math.min(end, start + average);
    let at = start + least - 1;
    for (; at < middle; at++) if ((this.#fingerprint(words, at) & early) === 0) return at + 1;
    for (; at < end; at++) if ((this.#fingerprint(words, at) & late) === 0) return at + 1;
    return end;
  }

  #fingerprint(words: Int32Array, block: number): number {
    const first = block * this.#blockWords;
    const last = first + this.#blockWords;
    const k1 = this.#k1;
    let h = this.#k0;
    for (let at = first + SAMPLE_FIRST; at < last; at += SAMPLE_STEP) {
      h = Math.imul(h ^ (words[at] as number), k1);
      h ^= h >>> 15;
    }
    h = Math.imul(h, this.#k2);
    return h ^ (h >>> 16);
  }
}

function topBits(count: number): number {
  return count <= 0 ? 0 : (0xffff_ffff << (32 - count)) | 0;
}

/** Most blocks with data show it in one of four words. */
export function isZeroBlock(words: Int32Array, block: number, blockWords: number): boolean {
  const first = block * blockWords;
  const last = first + blockWords - 1;
  if (((words[first] as number) | (words[first + (blockWords >> 1)] as number) | (words[last] as number)) !== 0)
    return false;
  for (let at = first + 1; at < last; at++) if (words[at] !== 0) return false;
  return true;
}
