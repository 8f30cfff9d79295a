/** Parts that do not touch one another of one answer: far more than any server sends. */
const MOST_GAPS = 4096;

/** Keeps account of which bytes of a request have been answered, so that nothing is left out and nothing told twice. */
export class Coverage {
  readonly #length: number;
  /** Starts and ends of what has been answered, ascending and disjoint. */
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  constructor(length: number) {
    this.#length = length;
  }

  /** Takes in a part. Answers `false` when it lies outside, has been there before, or makes too many gaps. */
  add(start: number, length: number): boolean {
    const end = start + length;
    if (length <= 0 || start < 0 || end > this.#length) return false;
    let at = this.#starts.length;
    while (at > 0 && (this.#starts[at - 1] as number) >= start) at--;
    const touchesBefore = at > 0 && (this.#ends[at - 1] as number) >= start;
    if (touchesBefore && (this.#ends[at - 1] as number) > start) return false;
    const next = this.#starts[at];
    if (next !== undefined && next < end) return false;
    const touchesNext = next === end;
    if (touchesBefore && touchesNext) {
      this.#ends[at - 1] = this.#ends[at] as number;
      this.#starts.splice(at, 1);
      this.#ends.splice(at, 1);
    } else if (touchesBefore) this.#ends[at - 1] = end;
    else if (touchesNext) this.#starts[at] = start;
    else {
      this.#starts.splice(at, 0, start);
      this.#ends.splice(at, 0, end);
    }
    return this.#starts.length <= MOST_GAPS;
  }

  /** Whether all has been answered. */
  get isWhole(): boolean {
    return this.#length === 0 || (this.#starts[0] === 0 && this.#ends[0] === this.#length);
  }
}
