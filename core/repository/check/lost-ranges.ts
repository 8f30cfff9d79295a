import { type Call, throwIfCancelled } from '@holdfast/api';
import { decodePieces, ID_BYTES, isNoSegment, PAGE_SEGMENTS, segmentsOf } from '../data/map/segment-list.ts';
import type { DiskContents } from '../disk-contents.ts';
import type { LostChunks } from './lost-chunks.ts';

/** A range of a disk that cannot be restored, and the pack that should have what is missing for it; `null` when nothing tells. */
export interface LostRange {
  readonly offset: number;
  readonly length: number;
  readonly culprit: string | null;
}

/**
 * Follows disk maps down to every chunk. Disks share most of their segments with the restore point before, so what a segment list
 * says is remembered for all disks that have it. Neighbours that one pack has lost are one range: of whole disks that are lost little is kept.
 */
export class DiskWalk {
  readonly #lost: LostChunks;
  readonly #segments = new Map<string, readonly LostRange[]>();

  constructor(lost: LostChunks) {
    this.#lost = lost;
  }

  /** All that is lost of a disk, ascending. Where a part of the map is lost, so is all that it covers. */
  async lostRanges(disk: DiskContents, call: Call): Promise<LostRange[]> {
    const segments = segmentsOf(disk.sizeBytes, disk.segmentBytes);
    const ranges: LostRange[] = [];
    for (const [number, pageId] of disk.map.entries()) {
      throwIfCancelled(call.signal, 'checking disk maps');
      const first = number * PAGE_SEGMENTS;
      const count = Math.min(PAGE_SEGMENTS, segments - first);
      const id = Buffer.from(pageId, 'hex');
      const page = await this.#lost.get(id, call);
      if (page === null || page.length !== count * ID_BYTES) {
        const offset = first * disk.segmentBytes;
        const length = Math.min(count * disk.segmentBytes, disk.sizeBytes - offset);
        add(ranges, { offset, length, culprit: this.#lost.culprit(id) });
        continue;
      }
      for (let at = 0; at < count; at++) {
        const listId = page.subarray(at * ID_BYTES, (at + 1) * ID_BYTES);
        if (isNoSegment(listId)) continue;
        const start = (first + at) * disk.segmentBytes;
        const length = Math.min(disk.segmentBytes, disk.sizeBytes - start);
        for (const range of await this.#lostOfSegment(listId, length, call)) {
          add(ranges, { ...range, offset: start + range.offset });
        }
      }
    }
    return ranges;
  }

  /** Offsets are within the segment. */
  async #lostOfSegment(listId: Uint8Array, length: number, call: Call): Promise<readonly LostRange[]> {
    const key = `${Buffer.from(listId).toString('hex')}/${length}`;
    const known = this.#segments.get(key);
    if (known !== undefined) return known;
    const list = await this.#lost.get(listId, call);
    const pieces = list === null ? null : decodePieces(list, 0, length);
    const ranges: LostRange[] = [];
    if (pieces === null) add(ranges, { offset: 0, length, culprit: this.#lost.culprit(listId) });
    for (const piece of pieces ?? []) {
      throwIfCancelled(call.signal, 'checking disk maps');
      if (await this.#lost.isLost(piece.id, call)) {
        add(ranges, { offset: piece.offset, length: piece.length, culprit: this.#lost.culprit(piece.id) });
      }
    }
    this.#segments.set(key, ranges);
    return ranges;
  }
}

function add(ranges: LostRange[], { offset, length, culprit }: LostRange): void {
  const last = ranges.at(-1);
  if (last === undefined || last.culprit !== culprit || last.offset + last.length !== offset) {
    ranges.push({ offset, length, culprit });
  } else ranges[ranges.length - 1] = { ...last, length: last.length + length };
}
