import type { IndexView, SharedIndex } from '../index/index-view.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import { ID_BYTES, isNoSegment, isSegmentList, PAGE_SEGMENTS, PIECE_BYTES } from '../map/segment-list.ts';
import { RECORD_OVERHEAD } from '../packs/format.ts';
import { findRecords, MOST_IDS } from './find-records.ts';
import { MARK_SUMS, type SharedMarks, setBit } from './marks.ts';

/** Segment lists that are read at a time: each may be a journey. */
const AHEAD = 8;

/** One map page of a disk: all that it names is to be marked. */
export interface PageOrder {
  readonly index: SharedIndex;
  readonly marks: SharedMarks;
  /** Chunk id of the page. */
  readonly id: Uint8Array;
  /** Number of its first segment. */
  readonly first: number;
  readonly sizeBytes: number;
  readonly segmentBytes: number;
}

/** Why a page could not be followed: a part of the map is lost, or the index on this machine is damaged. */
export type PageFailure = { readonly lost: Uint8Array } | { readonly isIndexDamaged: true };

/** A thread's part in marking: follows a map page to every chunk and sets its bit. */
export class MarkLane {
  readonly #context: ThreadContext;
  readonly #ids = Buffer.allocUnsafeSlow(MOST_IDS * ID_BYTES);
  #count = 0;
  #last: Promise<unknown> = Promise.resolve();

  constructor(context: ThreadContext) {
    this.#context = context;
  }

  /** Does one page after another, for they share memory. Answers `null` when all that it names is marked. */
  mark(order: PageOrder): Promise<PageFailure | null> {
    const mine = this.#last.then(() => this.#mark(order));
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #mark(order: PageOrder): Promise<PageFailure | null> {
    const view = this.#context.index(order.index);
    this.#count = 0;
    const page = await this.#context.chunks.read(order.id, view.all(order.id));
    const segments = Math.min(PAGE_SEGMENTS, Math.ceil(order.sizeBytes / order.segmentBytes) - order.first);
    if (page === null || page.length !== segments * ID_BYTES) return { lost: order.id };
    if (!this.#add(order.id, view, order.marks)) return { isIndexDamaged: true };
    const lists = this.#unwalked(page, view, order.marks);
    if (lists === null) return { isIndexDamaged: true };
    for (let at = 0; at < lists.length; at += AHEAD) {
      const some = lists.slice(at, at + AHEAD);
      const read = await Promise.all(some.map((number) => this.#readList(page, number, view, order)));
      for (const one of read) {
        if ('lost' in one) return one;
        if (!this.#addList(one.id, one.list, view, order.marks)) return { isIndexDamaged: true };
      }
    }
    return this.#flush(view, order.marks) ? null : { isIndexDamaged: true };
  }

  async #readList(
    page: Buffer,
    number: number,
    view: IndexView,
    order: PageOrder,
  ): Promise<{ readonly id: Uint8Array; readonly list: Uint8Array } | { readonly lost: Uint8Array }> {
    const id = page.subarray(number * ID_BYTES, (number + 1) * ID_BYTES);
    const list = await this.#context.chunks.read(id, view.all(id));
    const start = (order.first + number) * order.segmentBytes;
    const length = Math.min(order.segmentBytes, order.sizeBytes - start);
    if (list === null || !isSegmentList(list, length)) return { lost: Uint8Array.from(id) };
    return { id, list };
  }

  #addList(id: Uint8Array, list: Uint8Array, view: IndexView, marks: SharedMarks): boolean {
    if (!this.#add(id, view, marks)) return false;
    for (let at = 8; at < list.length; at += PIECE_BYTES) {
      if (!this.#add(list.subarray(at, at + ID_BYTES), view, marks)) return false;
    }
    return true;
  }

  /** Numbers of the segments whose lists nobody has read yet: from now on this thread does. `null` when the index is damaged. */
  #unwalked(page: Buffer, view: IndexView, marks: SharedMarks): number[] | null {
    const walked = marks.files.map((file) => new Int32Array(file.walked));
    const numbers: number[] = [];
    for (let number = 0; number < page.length / ID_BYTES; number++) {
      if (!isNoSegment(page.subarray(number * ID_BYTES, (number + 1) * ID_BYTES))) numbers.push(number);
    }
    const ids = Buffer.concat(numbers.map((number) => page.subarray(number * ID_BYTES, (number + 1) * ID_BYTES)));
    const seen = new Uint8Array(numbers.length);
    const mine = new Uint8Array(numbers.length);
    // The first place decides, so that all threads look at the same bit.
    const missing = findRecords(view, ids, numbers.length, (which, file, _pack, bit) => {
      if (seen[which] === 1) return;
      seen[which] = 1;
      if (setBit(walked[file] as Int32Array, bit)) mine[which] = 1;
    });
    // What is nowhere is tried all the same, and found lost.
    return missing === null ? null : numbers.filter((_, which) => seen[which] === 0 || mine[which] === 1);
  }

  #add(id: Uint8Array, view: IndexView, marks: SharedMarks): boolean {
    this.#ids.set(id, this.#count * ID_BYTES);
    return ++this.#count < MOST_IDS || this.#flush(view, marks);
  }

  /** Sets the bits of what was gathered. Answers `false` when the index is damaged. */
  #flush(view: IndexView, marks: SharedMarks): boolean {
    const live = marks.files.map((file) => new Int32Array(file.live));
    const packBytes = marks.files.map((file) => new Int32Array(file.packBytes));
    const sums = new Int32Array(marks.sums);
    const count = this.#count;
    this.#count = 0;
    const missing = findRecords(view, this.#ids, count, (_which, file, pack, bit, storedBytes) => {
      if (!setBit(live[file] as Int32Array, bit)) return;
      Atomics.add(packBytes[file] as Int32Array, pack, storedBytes + RECORD_OVERHEAD);
      Atomics.add(sums, MARK_SUMS.live, 1);
    });
    if (missing === null) return false;
    Atomics.add(sums, MARK_SUMS.missing, missing);
    return true;
  }
}
