import { type Cutter, HOLE_BLOCKS } from '../cut/cutter.ts';
import type { WindowMemory } from './window.ts';

/** A piece of a window, in blocks from its beginning. `id` is that of the old piece, `null` when it is to be stored. */
export interface BlockPiece {
  readonly start: number;
  readonly end: number;
  readonly id: Uint8Array | null;
}

/** A run of blocks. */
export interface BlockRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a window of which only some blocks have changed: begins at the old chunk in which a change begins, and goes on until a cut meets an
 * old boundary behind it. What lies between is taken over.
 */
export class TrackedWindow {
  readonly #cutter: Cutter;
  readonly #memory: WindowMemory;
  readonly #read: (startBlock: number, endBlock: number) => Promise<void>;
  #loaded = 0;

  /** @param read Fills a part of the window's memory. */
  constructor(cutter: Cutter, memory: WindowMemory, read: (startBlock: number, endBlock: number) => Promise<void>) {
    this.#cutter = cutter;
    this.#memory = memory;
    this.#read = read;
  }

  /**
   * The pieces of the window as it is now, ascending; a piece that is not taken over is in memory when it is handed out.
   * @param old Ascending and disjoint.
   * @param changes Ascending and disjoint.
   * @param blocks Of the window.
   */
  async *pieces(
    old: readonly (BlockPiece & { readonly id: Uint8Array })[],
    changes: readonly BlockRange[],
    blocks: number,
  ): AsyncGenerator<BlockPiece> {
    let at = 0;
    for (const change of changes) {
      // More than once when old boundaries are met between the beginning and the change itself.
      while (at < change.end) {
        const begin = Math.max(at, beginOf(old, Math.max(at, change.start)));
        const from = at;
        yield* old.filter((piece) => piece.start >= from && piece.end <= begin);
        at = yield* this.#cutFrom(begin, old, changes, blocks);
      }
    }
    yield* old.filter((piece) => piece.start >= at);
  }

  /** Cuts from a block on. Answers the block from which on everything is as it was. */
  async *#cutFrom(
    begin: number,
    old: readonly BlockRange[],
    changes: readonly BlockRange[],
    blocks: number,
  ): AsyncGenerator<BlockPiece, number> {
    this.#cutter.restart();
    this.#loaded = begin;
    let at = begin;
    while (at < blocks) {
      const next = changes.find((change) => change.end > at);
      if ((next === undefined || next.start >= at) && at > begin && isOldBoundary(old, at, blocks)) return at;
      if (!(await this.#next(at, next?.end ?? at, blocks))) {
        at = this.#loaded;
        continue;
      }
      yield { start: this.#cutter.start, end: this.#cutter.end, id: null };
      at = this.#cutter.end;
    }
    return blocks;
  }

  /** Finds the piece at or after a block, and reads no more for it than is needed to be sure. Answers whether there is one in what was read. */
  async #next(at: number, changeEnd: number, blocks: number): Promise<boolean> {
    for (let ahead = FIRST_BLOCKS; ; ahead *= 2) {
      await this.#load(Math.min(blocks, Math.max(at, changeEnd) + ahead));
      const isFound = this.#cutter.next(this.#memory.words, at, this.#loaded);
      // A hole shows only at its last block.
      const isSure = isFound ? this.#cutter.end + HOLE_BLOCKS <= this.#loaded : at + HOLE_BLOCKS <= this.#loaded;
      if (isSure || this.#loaded === blocks) return isFound;
      this.#cutter.restart();
    }
  }

  async #load(wanted: number): Promise<void> {
    if (this.#loaded >= wanted) return;
    await this.#read(this.#loaded, wanted);
    this.#loaded = wanted;
  }
}

/** Blocks that are read behind a change at first: most chunks end within them. */
const FIRST_BLOCKS = 32;

/**
 * Runs of blocks that cutting a window will read, as far as can be told beforehand: from where it begins for each change to the end of the old chunk
 * in which the change ends, and what it takes to be sure. Ascending and disjoint.
 */
export function likelyReads(
  old: readonly BlockRange[],
  changes: readonly BlockRange[],
  blocks: number,
): readonly BlockRange[] {
  const reads: { start: number; end: number }[] = [];
  for (const change of changes) {
    const start = beginOf(old, change.start);
    const inside = old.findLast((piece) => piece.start < change.end);
    const end = Math.min(blocks, Math.max(change.end + FIRST_BLOCKS, (inside?.end ?? 0) + HOLE_BLOCKS));
    const last = reads.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else reads.push({ start, end });
  }
  return reads;
}

/** Where to begin for a change at a block: at its chunk; or at the one before a hole that the change makes too short to be one. */
function beginOf(old: readonly BlockRange[], block: number): number {
  const before = old.findLast((piece) => piece.start <= block);
  if (before === undefined) return block < HOLE_BLOCKS ? 0 : block;
  if (before.end > block || block - before.end < HOLE_BLOCKS) return before.start;
  return block;
}

/** Whether the old pieces go on from this block as if they began here. */
function isOldBoundary(old: readonly BlockRange[], block: number, blocks: number): boolean {
  const next = old.find((piece) => piece.end > block);
  if (next === undefined) return true;
  return next.start === block || (next.start > block && (next.start - block >= HOLE_BLOCKS || next.start >= blocks));
}
