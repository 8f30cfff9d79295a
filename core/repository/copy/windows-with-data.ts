import type { Extent } from '@holdfast/api';

/** Stretches that are remembered of a disk: what is known of it stays small, whatever its map says. */
const MOST_STRETCHES = 262_144;

/** Gathers the windows of a disk in which there is data, so that the others need not be read. Too many stretches are made fewer by reading holes between them. */
export class WindowsWithData {
  readonly #sizeBytes: number;
  readonly #most: number;
  /** What stretches begin and end at: windows, or powers of two of them. */
  #step: number;
  #stretches: { readonly offset: number; end: number }[] = [];

  /** @param most Stretches at most. Default is 262,144. */
  constructor(sizeBytes: number, windowBytes: number, most = MOST_STRETCHES) {
    this.#sizeBytes = sizeBytes;
    this.#step = windowBytes;
    this.#most = most;
  }

  /** Ascending. */
  get extents(): readonly Extent[] {
    return this.#stretches.map(({ offset, end }) => ({ offset, length: end - offset }));
  }

  /** Pieces come ascending. */
  add({ offset, length }: Extent): void {
    this.#join(offset, offset + length);
    while (this.#stretches.length > this.#most) {
      this.#step *= 2;
      const before = this.#stretches;
      this.#stretches = [];
      for (const one of before) this.#join(one.offset, one.end);
    }
  }

  #join(from: number, to: number): void {
    const offset = from - (from % this.#step);
    const end = Math.min(this.#sizeBytes, Math.ceil(to / this.#step) * this.#step);
    const last = this.#stretches.at(-1);
    if (last !== undefined && offset <= last.end) last.end = Math.max(last.end, end);
    else this.#stretches.push({ offset, end });
  }
}
