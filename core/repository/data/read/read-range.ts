import { type Call, type Extent, throwIfCancelled } from '@holdfast/api';
import type { DiskContents } from '../../disk-contents.ts';
import { SecondLook } from '../index/second-look.ts';
import { damaged } from './disk-map.ts';
import { piecesOf, type WantedPiece } from './plan.ts';
import type { Slice, SliceOrder } from './read-work.ts';
import type { ReadingParts } from './reading-parts.ts';
import { readSegmentLists } from './segment-lists.ts';

/** Bytes that are handed out at a time. */
const SLICE_BYTES = 4 * 1024 * 1024;

/** A part of the range, with the pieces that touch it. */
interface Part extends Extent {
  readonly pieces: readonly WantedPiece[];
}

/** The bytes of a range of a disk in order, several slices ahead of whoever takes them. Throws `REPOSITORY_DAMAGED` where bytes are lost. */
export async function* readRange(
  parts: ReadingParts,
  contents: DiskContents,
  range: Extent,
  call: Call,
): AsyncGenerator<Uint8Array> {
  const end = Math.min(contents.sizeBytes, range.offset + range.length);
  const clipped = { offset: Math.min(range.offset, end), length: Math.max(0, end - range.offset) };
  const ahead: Promise<Uint8Array>[] = [];
  const secondLook = new SecondLook(parts.keeper, call);
  for await (const part of slices(parts, contents, clipped, call)) {
    throwIfCancelled(call.signal, 'reading a disk back');
    const next = readPart(parts, part, secondLook, call);
    // It may fail before its turn comes.
    next.catch(() => {});
    ahead.push(next);
    if (ahead.length > parts.pool.width) yield await (ahead.shift() as Promise<Uint8Array>);
  }
  for (const next of ahead) yield await next;
}

async function* slices(parts: ReadingParts, contents: DiskContents, range: Extent, call: Call): AsyncGenerator<Part> {
  let at = range.offset;
  const end = range.offset + range.length;
  for await (const { start, length, list } of readSegmentLists(parts, contents, range, call)) {
    if (list === null) throw damaged(`a disk is lost from ${start} on, for ${length} bytes`, { offset: start, length });
    yield* zeros(at, start);
    at = Math.max(at, start);
    const pieces = piecesOf({ start, list });
    const segmentEnd = Math.min(end, start + length);
    let first = 0;
    while (at < segmentEnd) {
      const until = Math.min(segmentEnd, at - (at % SLICE_BYTES) + SLICE_BYTES);
      while (first < pieces.length && endOf(pieces[first]) <= at) first++;
      let last = first;
      while (last < pieces.length && (pieces[last]?.offset ?? until) < until) last++;
      yield { offset: at, length: until - at, pieces: pieces.slice(first, last) };
      at = until;
    }
  }
  yield* zeros(at, end);
}

function* zeros(from: number, to: number): Generator<Part> {
  for (let at = from; at < to; at += SLICE_BYTES) {
    yield { offset: at, length: Math.min(SLICE_BYTES, to - at), pieces: [] };
  }
}

const endOf = (piece: WantedPiece | undefined): number => (piece === undefined ? 0 : piece.offset + piece.length);

async function readPart(
  { pool, keeper }: ReadingParts,
  part: Part,
  secondLook: SecondLook,
  call: Call,
): Promise<Uint8Array> {
  const { offset, length, pieces } = part;
  if (pieces.length === 0) return new Uint8Array(length);
  const ask = () =>
    pool.ask<Slice>('read.slice', { index: keeper.shared, pieces, offset, length } satisfies SliceOrder, call.signal);
  let slice = await ask();
  if (slice.failed.length > 0) {
    await secondLook.take();
    slice = await ask();
  }
  const [lost] = slice.failed;
  if (lost === undefined) return slice.bytes;
  throw damaged(`a disk is lost from ${lost.offset} on, for ${lost.length} bytes`, {
    offset: lost.offset,
    length: lost.length,
  });
}
