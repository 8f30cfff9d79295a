import { own } from '../../../shell/render/own.ts';
import { type Named, parseFilter } from './filter.ts';
import { sortKey } from './sort-key.ts';
import type { TableSource } from './table-source.ts';

export interface Sort {
  readonly key: string;
  readonly isReversed: boolean;
}

export interface OrderWish {
  readonly source: TableSource;
  readonly columns: readonly Named[];
  readonly filter: string;
  readonly sort: Sort | null;
  readonly now: number;
}

/** Rows looked at, and rows put in order, before others get their turn: some three milliseconds each. */
const lookedAt = 4_096;
const merged = 65_536;
/** Slices done at once: 10,000 rows are filtered and sorted with the key that asked for it. */
const slicesAtOnce = 9;

type Work = Generator<undefined, void>;

/** Rows as a person wants to see them: some of them, in some order. A million are gone through in slices, with the screen alive in between. */
export class RowOrder {
  /** Row of each position; `null`: all rows as they come. */
  #order: Uint32Array | null = null;
  #length = 0;
  #work: Work | null = null;

  get length(): number {
    return this.#length;
  }

  /** Whether rows are still being looked at. */
  get isPending(): boolean {
    return this.#work !== null;
  }

  /** The row at a position. */
  at(position: number): number {
    return this.#order === null ? position : (this.#order[position] ?? 0);
  }

  /** Where a row is shown; -1 when it is not. */
  positionOf(row: number): number {
    if (this.#order !== null) return this.#order.subarray(0, this.#length).indexOf(row);
    return row < this.#length ? row : -1;
  }

  /** @param onMore Called after each slice that was not done at once. */
  begin(wish: OrderWish, onMore: () => void): void {
    const { source } = wish;
    // What was shown is shown on while new rows are sorted, unless some of it is gone.
    if (this.#order === null || this.#order.some((row) => row >= source.length)) this.#publish(null, source.length);
    const work = this.#steps(wish);
    this.#work = work;
    for (let turn = 0; turn < slicesAtOnce; turn++) if (this.#advance(work)) return;
    const go = (): void => {
      if (this.#work !== work) return;
      if (!this.#advance(work)) setImmediate(go);
      onMore();
    };
    setImmediate(go);
  }

  #advance(work: Work): boolean {
    const isDone = work.next().done === true;
    if (isDone && this.#work === work) this.#work = null;
    return isDone;
  }

  #publish(order: Uint32Array | null, length: number): void {
    this.#order = order;
    this.#length = length;
  }

  *#steps({ source, columns, filter, sort, now }: OrderWish): Work {
    const isWanted = parseFilter(filter, columns, now);
    if (isWanted === null && sort === null) {
      this.#publish(null, source.length);
      return;
    }
    const found = new Uint32Array(source.length);
    let count = 0;
    for (let row = 0; row < source.length; row++) {
      if (isWanted === null || isWanted(source.row(row))) found[count++] = row;
      if (row % lookedAt !== lookedAt - 1) continue;
      if (sort === null) this.#publish(found, count);
      yield;
    }
    if (sort === null) this.#publish(found, count);
    else {
      const sorted = yield* sortRows(source, found.subarray(0, count), sort);
      this.#publish(sorted, count);
    }
  }
}

/** Sorts rows by one column, equal ones as they were. Merges from below, because that can be interrupted. */
function* sortRows(source: TableSource, rows: Uint32Array, sort: Sort): Generator<undefined, Uint32Array> {
  const compare = yield* comparison(source, rows, sort);
  const count = rows.length;
  let from = rows.slice();
  let to = new Uint32Array(count);
  let done = 0;
  for (let width = 1; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count);
      const end = Math.min(start + 2 * width, count);
      for (let left = start, right = middle, at = start; at < end; at++) {
        const isLeft = right >= end || (left < middle && compare(from[left] ?? 0, from[right] ?? 0) <= 0);
        to[at] = from[isLeft ? left++ : right++] ?? 0;
        if (++done % merged === 0) yield;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}

type Compare = (a: number, b: number) => number;

/** Takes the keys out once: wording cells in each comparison would cost many times more. */
function* comparison(source: TableSource, rows: Uint32Array, sort: Sort): Generator<undefined, Compare> {
  const numbers = new Float64Array(source.length).fill(Number.NaN);
  const words = new Array<string | null>(source.length).fill(null);
  let done = 0;
  for (const row of rows) {
    const key = sortKey(own(source.row(row).cells, sort.key));
    if (typeof key === 'string') words[row] = key;
    else if (key !== null) numbers[row] = key;
    if (++done % lookedAt === 0) yield;
  }
  const sign = sort.isReversed ? -1 : 1;
  const kind = (row: number): number => (words[row] !== null ? 1 : Number.isNaN(numbers[row]) ? 2 : 0);
  return (a, b) => {
    const kindA = kind(a);
    const kindB = kind(b);
    if (kindA !== kindB) return kindA === 2 || kindB === 2 ? kindA - kindB : sign * (kindA - kindB);
    if (kindA === 0) return sign * ((numbers[a] ?? 0) - (numbers[b] ?? 0));
    if (kindA === 2) return 0;
    const wordA = words[a] ?? '';
    const wordB = words[b] ?? '';
    return wordA === wordB ? 0 : wordA < wordB ? -sign : sign;
  };
}
