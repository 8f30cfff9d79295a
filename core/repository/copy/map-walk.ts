import { type Call, throwIfCancelled } from '@holdfast/api';
import { RootHash } from '../data/map/root-hash.ts';
import { decodePieces, ID_BYTES, isNoSegment, PAGE_SEGMENTS, segmentsOf } from '../data/map/segment-list.ts';
import { damaged } from '../data/read/disk-map.ts';
import { checkRoot } from '../data/read/read-pieces.ts';
import type { DataPlane } from '../data-plane.ts';
import type { DiskContents, Piece } from '../disk-contents.ts';

/** Segment lists that are fetched together, so that the way to a cloud is gone once for all of them. */
const TOGETHER = 16;

/** One step of a walk: a map page or a segment list, and the pieces that it names. */
export interface MapStep {
  readonly id: Uint8Array;
  readonly pieces: readonly Piece[];
}

/**
 * Every chunk that a disk consists of: its map pages, its segment lists and, with those, its pieces. The map is checked against its root at the end.
 * @throws `REPOSITORY_DAMAGED` at the first part of the map that is lost.
 */
export async function* walkMap(disk: DiskContents, plane: DataPlane, call: Call): AsyncGenerator<MapStep> {
  const segments = segmentsOf(disk.sizeBytes, disk.segmentBytes);
  const root = new RootHash();
  for (const [number, pageName] of disk.map.entries()) {
    const pageId = Buffer.from(pageName, 'hex');
    const page = await plane.chunk(pageId, call);
    const first = number * PAGE_SEGMENTS;
    const count = Math.min(PAGE_SEGMENTS, segments - first);
    if (page.length !== count * ID_BYTES)
      throw damaged(`map page ${pageName} of a disk has not the length that it must have`);
    yield { id: pageId, pieces: [] };
    const starts: number[] = [];
    for (let at = 0; at < count; at++) if (!isNoSegment(idAt(page, at))) starts.push(at);
    for (let from = 0; from < starts.length; from += TOGETHER) {
      throwIfCancelled(call.signal, 'following the map of a disk');
      const some = starts.slice(from, from + TOGETHER);
      const lists = await Promise.all(some.map((at) => plane.chunk(idAt(page, at), call)));
      for (const [i, at] of some.entries()) {
        const start = (first + at) * disk.segmentBytes;
        const list = lists[i] ?? new Uint8Array(0);
        const pieces = decodePieces(list, start, Math.min(disk.segmentBytes, disk.sizeBytes - start));
        if (pieces === null) throw damaged(`the map of a disk makes no sense from ${start} on`, { offset: start });
        root.add(list, start);
        yield { id: idAt(page, at), pieces };
      }
    }
  }
  checkRoot(root, disk);
}

const idAt = (page: Uint8Array, at: number): Uint8Array => page.subarray(at * ID_BYTES, (at + 1) * ID_BYTES);
