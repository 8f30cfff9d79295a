import type { Call, Extent } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { DiskContents } from '../../disk-contents.ts';
import { isNoSegment, PAGE_SEGMENTS } from '../map/segment-list.ts';
import type { NamedSegment } from './read-work.ts';

/** Reads one chunk; `null` when it is lost. */
export type ReadChunk = (id: Uint8Array, call: Call) => Promise<Uint8Array | null>;

/** A part of a disk whose map is lost: nobody knows what belongs there. */
export interface LostRange extends Extent {
  /** The segment list or map page that is lost. */
  readonly id: Uint8Array;
}

/** The segments of a disk, page by page. */
export class DiskMap {
  readonly #contents: DiskContents;
  readonly #read: ReadChunk;
  readonly #segments: number;

  /** @throws `REPOSITORY_DAMAGED` when the contents contradict themselves. */
  constructor(contents: DiskContents, read: ReadChunk) {
    this.#contents = contents;
    this.#read = read;
    this.#segments = Math.ceil(contents.sizeBytes / contents.segmentBytes);
    if (Math.ceil(this.#segments / PAGE_SEGMENTS) !== contents.map.length) {
      throw damaged('the map of a disk has not the number of pages that its size asks for');
    }
  }

  /** Segments with data that touch a range, in order; and the ranges whose page is lost. */
  async *segments(
    range: Extent,
    call: Call,
  ): AsyncIterable<{ readonly segment: NamedSegment } | { readonly lost: LostRange }> {
    const { segmentBytes, sizeBytes } = this.#contents;
    const first = Math.floor(range.offset / segmentBytes);
    const end = Math.min(this.#segments, Math.ceil((range.offset + range.length) / segmentBytes));
    let page: Uint8Array | null = null;
    let pageNumber = -1;
    for (let segment = first; segment < end; segment++) {
      const wanted = Math.floor(segment / PAGE_SEGMENTS);
      if (wanted !== pageNumber) {
        page = await this.#page(wanted, call);
        pageNumber = wanted;
      }
      const start = segment * segmentBytes;
      const length = Math.min(segmentBytes, sizeBytes - start);
      if (page === null) {
        yield { lost: { offset: start, length, id: Buffer.from(this.#contents.map[wanted] ?? '', 'hex') } };
        continue;
      }
      const at = (segment % PAGE_SEGMENTS) * 32;
      const id = page.subarray(at, at + 32);
      if (!isNoSegment(id)) yield { segment: { start, length, id: Uint8Array.from(id) } };
    }
  }

  async #page(number: number, call: Call): Promise<Uint8Array | null> {
    const name = this.#contents.map[number] ?? '';
    const page = await this.#read(Buffer.from(name, 'hex'), call);
    if (page === null) return null;
    const expected = Math.min(PAGE_SEGMENTS, this.#segments - number * PAGE_SEGMENTS) * 32;
    return page.length === expected ? page : null;
  }
}

export function damaged(what: string, facts: HoldfastError['facts'] = {}): HoldfastError {
  return new HoldfastError('REPOSITORY_DAMAGED', what, { facts });
}
