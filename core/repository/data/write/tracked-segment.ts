import { SUMS, type Tracked } from '../lanes/protocol.ts';
import { decodePieces, isNoSegment } from '../map/segment-list.ts';
import { sameBytes } from '../packs/chunk-reader.ts';
import { extentsWithin } from './extents.ts';
import { type BlockPiece, type BlockRange, likelyReads, TrackedWindow } from './tracked-window.ts';
import type { WindowList, WindowMemory } from './window.ts';
import type { WindowJob, WindowParts } from './window-job.ts';
import type { Filling } from './window-reader.ts';

type OldPiece = BlockPiece & { readonly id: Uint8Array };

/** A window that is being made. */
interface OpenWindow {
  readonly memory: WindowMemory;
  readonly diskOffset: number;
  readonly segmentOffset: number;
  readonly length: number;
  readonly old: readonly OldPiece[];
  readonly changes: readonly BlockRange[];
  /** Where old pieces begin whose chunks are in no pack any more: they are read and stored again. */
  readonly lost: ReadonlySet<number>;
  /** What is read ahead of cutting, ascending and disjoint. */
  readonly ahead: readonly BlockRange[];
}

/** Makes the lists of segments of which only some extents have changed; the rest is taken from an older list where its chunks are still there. */
export class TrackedSegments {
  readonly #parts: WindowParts;
  readonly #tracked: Tracked;

  constructor(parts: WindowParts, tracked: Tracked) {
    this.#parts = parts;
    this.#tracked = tracked;
  }

  /** The windows of all segments that are claimed. From a source that answers later reading has begun when one is answered. */
  async *windows(): AsyncGenerator<WindowJob, void> {
    const { suite, reader, filler, claim } = this.#parts;
    const { blockBytes, windowBytes } = suite.chunker;
    for (let segment = claim(); segment !== undefined; segment = claim()) {
      const start = segment * suite.segmentBytes;
      const length = Math.min(suite.segmentBytes, reader.sizeBytes - start);
      const old = await this.#oldPieces(segment, length);
      for (let at = 0; at < length; at += windowBytes) {
        const windowLength = Math.min(windowBytes, length - at);
        const blocks = Math.ceil(windowLength / blockBytes);
        const pieces = old === null ? [] : piecesWithin(old, at / blockBytes, blocks);
        const needs = new Set<number>();
        const lost = pieces.filter((piece) => !filler.has(piece.id, needs));
        const changes = old === null ? [{ start: 0, end: blocks }] : this.#changes(start + at, windowLength);
        const ahead = reader.isLate ? joined([...likelyReads(pieces, changes, blocks), ...lost]) : [];
        const window: OpenWindow = {
          memory: this.#parts.memories.next(reader.isLate),
          diskOffset: start + at,
          segmentOffset: at,
          length: windowLength,
          old: pieces,
          changes,
          lost: new Set(lost.map((piece) => piece.start)),
          ahead,
        };
        yield {
          unit: segment,
          isLast: at + windowBytes >= length,
          reading: all(ahead.map((range) => this.#fill(window, range.start, range.end))),
          needs,
          store: (list, packs) => this.#store(window, list, packs),
        };
      }
    }
  }

  /** Pieces of the older list in blocks; `null` when it cannot be had or does not fit, so that everything is read. */
  async #oldPieces(segment: number, length: number): Promise<OldPiece[] | null> {
    const { base } = this.#tracked;
    if (base === null) return [];
    const id = Buffer.from(base.subarray(segment * 32, segment * 32 + 32));
    if (isNoSegment(id)) return [];
    const { chunks, index, suite } = this.#parts;
    const list = await chunks.read(id, index.all(id));
    const pieces = list === null ? null : decodePieces(list, 0, length);
    if (list === null) {
      // Should the same list come of it again, it is not to be taken for one that is there.
      this.#parts.filler.distrust(id);
      this.#count(SUMS.blindLists, 1);
      this.#count(SUMS.blindBytes, length);
    }
    if (pieces === null) return null;
    const { blockBytes, windowBytes } = suite.chunker;
    const old: OldPiece[] = [];
    for (const { offset, length: pieceLength, id: piece } of pieces) {
      const end = offset + pieceLength;
      const isWhole = offset % blockBytes === 0 && (end % blockBytes === 0 || end === length);
      if (!isWhole || Math.floor(offset / windowBytes) !== Math.floor((end - 1) / windowBytes)) return null;
      old.push({ start: offset / blockBytes, end: Math.ceil(end / blockBytes), id: piece });
    }
    return old;
  }

  #changes(offset: number, length: number): BlockRange[] {
    const { blockBytes } = this.#parts.suite.chunker;
    return extentsWithin(this.#tracked.extents, offset, offset + length).map(({ start, end }) => ({
      start: start / blockBytes,
      end: Math.ceil(end / blockBytes),
    }));
  }

  async #store(window: OpenWindow, list: WindowList, needs: Set<number>): Promise<boolean> {
    const { suite, cutter, filler, reader, isStopped, breathe } = this.#parts;
    const { blockBytes } = suite.chunker;
    const { memory, length, segmentOffset } = window;
    let zeroBytes = 0;
    let cutTo = -1;
    let isEnded = false;
    const read = async (from: number, to: number): Promise<void> => {
      const missing = outside(window.ahead, from, to).map(({ start, end }) => this.#fill(window, start, end));
      isEnded ||= !(await reader.wait(all(missing)));
    };
    const tracked = new TrackedWindow(cutter, memory, read);
    for await (const piece of tracked.pieces(window.old, window.changes, Math.ceil(length / blockBytes))) {
      const { start, end } = piece;
      const isLost = piece.id !== null && window.lost.has(start);
      if (isLost) await read(start, end);
      if (isEnded || isStopped()) return false;
      // Nothing has changed there, so the chunk comes back as it was: older restore points are whole again too.
      const from = start * blockBytes;
      const to = Math.min(length, end * blockBytes);
      const plain = memory.bytes.subarray(from, to);
      if (isLost) this.#countAgain(piece, plain);
      const id = isLost ? null : piece.id;
      // Between two new pieces there is nothing but zeros.
      if (piece.id === null && cutTo >= 0) zeroBytes += from - cutTo;
      cutTo = piece.id === null ? to : -1;
      if (id === null && isZeros(plain)) zeroBytes += plain.length;
      else list.add(segmentOffset + from, to - from, id ?? (await filler.put(plain, needs, true)));
      const breath = id === null ? breathe(plain.length) : undefined;
      if (breath !== undefined) await breath;
    }
    this.#count(SUMS.zero, zeroBytes);
    return !isEnded;
  }

  #countAgain({ id }: BlockPiece, plain: Uint8Array): void {
    this.#count(SUMS.againPieces, 1);
    this.#count(SUMS.againBytes, plain.length);
    const isSame = id !== null && sameBytes(this.#parts.filler.idOf(plain), id);
    if (!isSame) this.#count(SUMS.untoldBytes, plain.length);
  }

  #count(sum: number, more: number): void {
    Atomics.add(this.#parts.sums, sum, BigInt(more));
  }

  /** Begins to read blocks of a window. Without a base, what no extent covers is zeros, whatever the source would say. */
  #fill({ memory, diskOffset, length, changes }: OpenWindow, first: number, end: number): Filling {
    const { suite, reader } = this.#parts;
    const { blockBytes } = suite.chunker;
    const from = first * blockBytes;
    const to = Math.min(length, end * blockBytes);
    if (this.#tracked.base !== null) return reader.fill(memory, diskOffset + from, to - from, from);
    memory.bytes.fill(0, from, end * blockBytes);
    const fillings: Filling[] = [];
    for (const change of changes) {
      const start = Math.max(from, change.start * blockBytes);
      const stop = Math.min(to, change.end * blockBytes);
      if (start < stop) fillings.push(reader.fill(memory, diskOffset + start, stop - start, start));
    }
    return all(fillings);
  }
}

/** All of several parts: at once where each of them was. */
function all(fillings: readonly Filling[]): Filling {
  if (fillings.every((filling) => typeof filling === 'boolean')) return !fillings.includes(false);
  return Promise.all(fillings.map(async (filling) => filling)).then((filled) => !filled.includes(false));
}

/** The parts of a run of blocks that none of some runs covers. */
function outside(covered: readonly BlockRange[], start: number, end: number): BlockRange[] {
  const missing: BlockRange[] = [];
  let at = start;
  for (const range of covered) {
    if (range.end <= at) continue;
    if (range.start >= end) break;
    if (range.start > at) missing.push({ start: at, end: range.start });
    at = range.end;
  }
  if (at < end) missing.push({ start: at, end });
  return missing;
}

/** Ascending and disjoint. */
function joined(ranges: readonly BlockRange[]): BlockRange[] {
  const all: { start: number; end: number }[] = [];
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = all.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else all.push({ start, end });
  }
  return all;
}

function piecesWithin(old: readonly OldPiece[], first: number, blocks: number): OldPiece[] {
  return old
    .filter(({ start }) => start >= first && start < first + blocks)
    .map(({ start, end, id }) => ({ start: start - first, end: end - first, id }));
}

function isZeros(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes.every((byte) => byte === 0);
}
