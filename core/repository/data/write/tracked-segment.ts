import type { DiskReader } from '@holdfast/kit/disk/reader';
import type { Suite } from '../../data-plane.ts';
import type { Cutter } from '../cut/cutter.ts';
import type { IndexView } from '../index/index-view.ts';
import { SUMS, type Tracked } from '../lanes/protocol.ts';
import { decodePieces, isNoSegment } from '../map/segment-list.ts';
import type { ChunkReader } from '../packs/chunk-reader.ts';
import { extentsWithin } from './extents.ts';
import type { PackFiller } from './pack-filler.ts';
import { type BlockPiece, type BlockRange, TrackedWindow } from './tracked-window.ts';
import { WindowList } from './window.ts';
import type { WindowReader } from './window-reader.ts';

type OldPiece = BlockPiece & { readonly id: Uint8Array };

/** What a tracked segment is made with. */
export interface TrackedParts {
  readonly suite: Suite;
  readonly cutter: Cutter;
  readonly window: WindowReader;
  readonly filler: PackFiller;
  readonly chunks: ChunkReader;
  readonly index: IndexView;
  readonly sums: BigInt64Array;
  readonly isStopped: () => boolean;
}

/** Makes the list of a segment of which only some extents have changed; the rest is taken from an older list where its chunks are still there. */
export class TrackedSegment {
  readonly #parts: TrackedParts;
  readonly #reader: DiskReader;
  readonly #tracked: Tracked;
  readonly #limit: number;

  constructor(parts: TrackedParts, reader: DiskReader, tracked: Tracked, limit: number) {
    this.#parts = parts;
    this.#reader = reader;
    this.#tracked = tracked;
    this.#limit = limit;
  }

  /** @returns The list, or `null` when everything was told to stop. */
  async list(segment: number, needs: Set<number>): Promise<Uint8Array | null> {
    const { suite } = this.#parts;
    const { blockBytes, windowBytes } = suite.chunker;
    const start = segment * suite.segmentBytes;
    const length = Math.min(suite.segmentBytes, this.#reader.sizeBytes - start);
    const old = await this.#oldPieces(segment, length);
    const list = new WindowList();
    for (let at = 0; at < length; at += windowBytes) {
      const windowLength = Math.min(windowBytes, length - at);
      const blocks = Math.ceil(windowLength / blockBytes);
      const pieces = old === null ? [] : piecesWithin(old, at / blockBytes, blocks);
      const isThere = old !== null && pieces.every((piece) => this.#parts.filler.has(piece.id, needs));
      const changes = isThere ? this.#changes(start + at, windowLength) : [{ start: 0, end: blocks }];
      if (!(await this.#window(list, start + at, at, windowLength, pieces, changes, needs))) return null;
    }
    return list.finish();
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

  async #window(
    list: WindowList,
    diskOffset: number,
    segmentOffset: number,
    length: number,
    old: readonly OldPiece[],
    changes: readonly BlockRange[],
    needs: Set<number>,
  ): Promise<boolean> {
    const { suite, cutter, window, filler, sums } = this.#parts;
    const { blockBytes } = suite.chunker;
    let zeroBytes = 0;
    let cutTo = -1;
    let isStopped = false;
    const tracked = new TrackedWindow(cutter, window.memory, async (from, to) => {
      const at = from * blockBytes;
      const bytes = Math.min(length, to * blockBytes) - at;
      isStopped ||= !(await this.#read(diskOffset, at, bytes, changes));
    });
    for await (const { start, end, id } of tracked.pieces(old, changes, Math.ceil(length / blockBytes))) {
      if (isStopped || this.#parts.isStopped()) return false;
      const from = start * blockBytes;
      const to = Math.min(length, end * blockBytes);
      const plain = window.memory.bytes.subarray(from, to);
      // Between two new pieces there is nothing but zeros.
      if (id === null && cutTo >= 0) zeroBytes += from - cutTo;
      cutTo = id === null ? to : -1;
      if (id === null && isZeros(plain)) zeroBytes += plain.length;
      else list.add(segmentOffset + from, to - from, id ?? (await filler.put(plain, needs, true)));
    }
    Atomics.add(sums, SUMS.zero, BigInt(zeroBytes));
    return !isStopped;
  }

  /** Without a base, what no extent covers is zeros, whatever the source would say. */
  async #read(diskOffset: number, at: number, length: number, changes: readonly BlockRange[]): Promise<boolean> {
    const { window, suite } = this.#parts;
    if (this.#tracked.base !== null) return window.read(this.#reader, diskOffset + at, length, at, this.#limit);
    const { blockBytes } = suite.chunker;
    window.memory.bytes.fill(0, at, at + Math.ceil(length / blockBytes) * blockBytes);
    for (const { start, end } of changes) {
      const from = Math.max(at, start * blockBytes);
      const to = Math.min(at + length, end * blockBytes);
      if (from >= to) continue;
      if (!(await window.read(this.#reader, diskOffset + from, to - from, from, this.#limit))) return false;
    }
    return true;
  }
}

function piecesWithin(old: readonly OldPiece[], first: number, blocks: number): OldPiece[] {
  return old
    .filter(({ start }) => start >= first && start < first + blocks)
    .map(({ start, end, id }) => ({ start: start - first, end: end - first, id }));
}

function isZeros(bytes: Buffer): boolean {
  return bytes[0] === 0 && bytes.every((byte) => byte === 0);
}
