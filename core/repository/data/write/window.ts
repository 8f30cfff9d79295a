import type { Suite } from '../../suite.ts';
import type { Cutter } from '../cut/cutter.ts';
import { PIECE_BYTES } from '../map/segment-list.ts';

/** Memory for one window of a disk, as bytes and as the words that fingerprints are made of. */
export class WindowMemory {
  readonly bytes: Buffer;
  readonly words: Int32Array;

  constructor(windowBytes: number) {
    const memory = new ArrayBuffer(windowBytes);
    this.bytes = Buffer.from(memory);
    this.words = new Int32Array(memory);
  }

  /** Fills the last block up with zeros. */
  padTo(blockBytes: number, length: number): void {
    this.bytes.fill(0, length, Math.ceil(length / blockBytes) * blockBytes);
  }
}

/** The part of a segment list that describes a window, while it grows. */
export class WindowList {
  #bytes = Buffer.alloc(64 * PIECE_BYTES);
  #length = 0;

  add(offsetInSegment: number, length: number, id: Uint8Array): void {
    if (this.#length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes, Buffer.alloc(this.#length)]);
    this.#bytes.writeUInt32LE(offsetInSegment, this.#length);
    this.#bytes.writeUInt32LE(length, this.#length + 4);
    this.#bytes.set(id, this.#length + 8);
    this.#length += PIECE_BYTES;
  }

  /** In memory of its own. */
  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(0, this.#length));
  }
}

/** Pieces of a whole window: where each begins and ends, in bytes. */
export function* cutWindow(
  cutter: Cutter,
  memory: WindowMemory,
  length: number,
  chunker: Suite['chunker'],
): Iterable<{ readonly start: number; readonly end: number }> {
  const { blockBytes } = chunker;
  const blocks = Math.ceil(length / blockBytes);
  cutter.restart();
  for (let at = 0; cutter.next(memory.words, at, blocks); at = cutter.end) {
    const piece = { start: cutter.start * blockBytes, end: Math.min(length, cutter.end * blockBytes) };
    if (!isZero(memory.words, cutter.start, cutter.end, blockBytes)) yield piece;
  }
}

/** Fewer zeros than make a hole may still make a whole chunk: it is left out. */
function isZero(words: Int32Array, start: number, end: number, blockBytes: number): boolean {
  const last = (end * blockBytes) / 4;
  for (let at = (start * blockBytes) / 4; at < last; at++) if (words[at] !== 0) return false;
  return true;
}
