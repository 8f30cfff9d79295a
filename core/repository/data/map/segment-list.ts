import type { Piece } from '../../disk-contents.ts';

/** One piece in a segment list. */
export const PIECE_BYTES = 40;
/** Segment lists in a map page. */
export const PAGE_SEGMENTS = 2048;
export const ID_BYTES = 32;

/**
 * Segment lists: where the chunks of one segment of a disk go.
 * @see docs/formats/repository.md §8
 */
export function encodePieces(pieces: readonly Piece[], segmentStart: number): Buffer {
  const bytes = Buffer.allocUnsafe(pieces.length * PIECE_BYTES);
  let at = 0;
  for (const piece of pieces) {
    bytes.writeUInt32LE(piece.offset - segmentStart, at);
    bytes.writeUInt32LE(piece.length, at + 4);
    bytes.set(piece.id, at + 8);
    at += PIECE_BYTES;
  }
  return bytes;
}

/**
 * Reads a segment list.
 * @param segmentBytes Length of this segment; the last one of a disk may be shorter.
 * @returns `null` when pieces overlap, are out of order, empty, or reach beyond the segment.
 */
export function decodePieces(list: Uint8Array, segmentStart: number, segmentBytes: number): Piece[] | null {
  if (!isSegmentList(list, segmentBytes)) return null;
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  const pieces: Piece[] = [];
  for (let at = 0; at < list.length; at += PIECE_BYTES) {
    const offset = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    pieces.push({ offset: segmentStart + offset, length, id: list.subarray(at + 8, at + PIECE_BYTES) });
  }
  return pieces;
}

/** Whether these bytes are a segment list: pieces in order, disjoint, not empty, all within the segment. Makes nothing. */
export function isSegmentList(list: Uint8Array, segmentBytes: number): boolean {
  if (list.length === 0 || list.length % PIECE_BYTES !== 0) return false;
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  let free = 0;
  for (let at = 0; at < list.length; at += PIECE_BYTES) {
    const offset = view.getUint32(at, true);
    const length = view.getUint32(at + 4, true);
    if (offset < free || length === 0 || offset + length > segmentBytes) return false;
    free = offset + length;
  }
  return true;
}

/** How many segments a disk has. */
export const segmentsOf = (sizeBytes: number, segmentBytes: number): number => Math.ceil(sizeBytes / segmentBytes);

/** Whether an id in a map page stands for a segment without data. */
export function isNoSegment(id: Uint8Array): boolean {
  for (const byte of id) if (byte !== 0) return false;
  return true;
}
