import { PAGE_SEGMENTS } from '../map/segment-list.ts';

/** Units of one segment as they come in, in any order. */
interface OpenSegment {
  readonly lists: (Uint8Array | undefined)[];
  left: number;
}

/** Puts the lists of units together to segment lists. A unit is a window, or a whole segment. */
export class Segments {
  readonly count: number;
  readonly units: number;
  readonly #perSegment: number;
  readonly #open = new Map<number, OpenSegment>();

  constructor(sizeBytes: number, segmentBytes: number, unitBytes: number) {
    this.count = Math.ceil(sizeBytes / segmentBytes);
    this.units = Math.ceil(sizeBytes / unitBytes);
    this.#perSegment = segmentBytes / unitBytes;
  }

  segmentOf(unit: number): number {
    return Math.floor(unit / this.#perSegment);
  }

  /** First unit of a segment and the unit after its last. */
  unitsOf(segment: number): readonly [number, number] {
    const first = segment * this.#perSegment;
    return [first, Math.min(this.units, first + this.#perSegment)];
  }

  /**
   * Takes the list of a unit.
   * @param wanted Units of its segment that will come in all.
   * @returns The whole segment list when this was the last one that was missing.
   */
  add(unit: number, list: Uint8Array, wanted: number): Uint8Array | null {
    const segment = this.segmentOf(unit);
    let open = this.#open.get(segment);
    if (open === undefined) {
      open = { lists: new Array<Uint8Array | undefined>(this.#perSegment), left: wanted };
      this.#open.set(segment, open);
    }
    const at = unit - segment * this.#perSegment;
    if (open.lists[at] === undefined) open.left--;
    open.lists[at] = list;
    if (open.left > 0) return null;
    this.#open.delete(segment);
    return Buffer.concat(open.lists.filter((part) => part !== undefined));
  }

  /** What has come in of a segment does not count. */
  forget(segment: number): void {
    this.#open.delete(segment);
  }
}

/** The ids of segment lists, and the pages that they make. */
export class SegmentIds {
  readonly #bytes: Buffer;
  readonly #count: number;

  constructor(count: number) {
    this.#count = count;
    this.#bytes = Buffer.alloc(count * 32);
  }

  set(segment: number, id: Uint8Array): void {
    this.#bytes.set(id, segment * 32);
  }

  get(segment: number): Uint8Array {
    return this.#bytes.subarray(segment * 32, segment * 32 + 32);
  }

  get pages(): number {
    return Math.ceil(this.#count / PAGE_SEGMENTS);
  }

  page(number: number): Buffer {
    return this.#bytes.subarray(number * PAGE_SEGMENTS * 32, (number + 1) * PAGE_SEGMENTS * 32);
  }
}
