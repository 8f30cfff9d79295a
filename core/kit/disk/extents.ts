import type { Extent } from '@holdfast/api';

/** Extents closer than this become one: reading a few zeros costs less than another extent. */
const leastGapBytes = 64 * 1024;
const mostExtents = 1_000_000;

/**
 * Collects extents that arrive in ascending order into few: neighbours and near ones are put together. When there are
 * more than a million in spite of that, wider gaps are closed, so that memory stays bounded whatever the image says.
 */
export class ExtentList {
  #extents: { offset: number; length: number }[] = [];
  #gapBytes = leastGapBytes;

  /** `offset` must not lie before that of the last one added. */
  add(offset: number, length: number): void {
    if (length <= 0) return;
    const last = this.#extents.at(-1);
    if (last !== undefined && offset - (last.offset + last.length) < this.#gapBytes) {
      last.length = Math.max(last.length, offset + length - last.offset);
      return;
    }
    this.#extents.push({ offset, length });
    if (this.#extents.length >= mostExtents) this.#widen();
  }

  list(): readonly Extent[] {
    return this.#extents;
  }

  #widen(): void {
    const before = this.#extents;
    this.#extents = [];
    while (this.#gapBytes < Number.MAX_SAFE_INTEGER / 16) {
      this.#gapBytes *= 16;
      this.#extents = [];
      for (const { offset, length } of before) {
        const last = this.#extents.at(-1);
        if (last !== undefined && offset - (last.offset + last.length) < this.#gapBytes)
          last.length = offset + length - last.offset;
        else this.#extents.push({ offset, length });
      }
      if (this.#extents.length < mostExtents / 2) return;
    }
  }
}

/** The union of two lists that are each ascending and disjoint, cut at `end`. */
export function unionOf(left: readonly Extent[], right: readonly Extent[], end: number): readonly Extent[] {
  const union = new ExtentList();
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    const [a, b] = [left[i], right[j]];
    const next = a === undefined || (b !== undefined && b.offset < a.offset) ? b : a;
    if (next === b) j += 1;
    else i += 1;
    if (next !== undefined && next.offset < end) union.add(next.offset, Math.min(next.length, end - next.offset));
  }
  return union.list();
}
