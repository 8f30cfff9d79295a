import type { Column } from '@holdfast/api';
import { Marks } from './marks.ts';
import { RowOrder, type Sort } from './row-order.ts';
import { findRow, rowsOf, type TableRow, type TableSource } from './table-source.ts';
import { Viewport } from './viewport.ts';

/** Rows looked at for the widths of columns, besides those that are seen. */
const sampled = 100;
const goldenRatio = 0.618_033_988_75;

/** Which rows a person wants to see. */
export interface RowsWish {
  readonly columns: readonly Column[];
  readonly filter: string;
  readonly sort: Sort | null;
  readonly now: number;
}

/** The rows of a table as they are shown: filtered, in order, one of them selected. The eye stays on the same row whatever changes. */
export class ShownRows {
  readonly view = new Viewport();
  readonly marks = new Marks();
  readonly #order = new RowOrder();
  #source: TableSource = rowsOf([]);
  /** The row that a person looks at, wherever new data puts it; below 0 while the first data has not come. */
  #anchor: { readonly id: string; readonly index: number } | null = null;

  /** All rows, shown or not. */
  get all(): number {
    return this.#source.length;
  }

  /** Rows that are shown. */
  get length(): number {
    return this.#order.length;
  }

  get isPending(): boolean {
    return this.#order.isPending;
  }

  get selected(): string | null {
    return this.at(this.view.selected)?.id ?? null;
  }

  /** What is selected as soon as there is data. */
  get wanted(): string | null {
    return this.selected ?? this.#anchor?.id ?? null;
  }

  at(position: number): TableRow | undefined {
    if (position >= this.#order.length) return undefined;
    const index = this.#order.at(position);
    return index < this.#source.length ? this.#source.row(index) : undefined;
  }

  /** Rows on the screen. */
  seen(): readonly TableRow[] {
    const rows: TableRow[] = [];
    const end = Math.min(this.view.top + this.view.height, this.#order.length);
    for (let position = this.view.top; position < end; position++) {
      const row = this.at(position);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** Some rows of the whole, spread so that no rhythm of the data hides any kind of row. */
  sample(): readonly TableRow[] {
    const count = Math.min(sampled, this.#source.length);
    return Array.from({ length: count }, (_, at) =>
      this.#source.row(Math.floor(((at * goldenRatio) % 1) * this.#source.length)),
    );
  }

  /** Takes new data; `arrange` is called next. */
  take(source: TableSource): void {
    this.#source = source;
    if (this.#anchor !== null) {
      const { id, index } = this.#anchor;
      const found = findRow(source, id, index);
      // Gone: whoever is in its place now is looked at, unless one still waits for the first data.
      const isWaiting = index < 0 && source.length === 0;
      this.#anchor = found >= 0 ? { id, index: found } : isWaiting ? this.#anchor : null;
    }
    this.marks.keepOnly(source);
  }

  /** Selects a row by what it stands for, also one that comes later. */
  want(id: string): void {
    this.#anchor = { id, index: -1 };
    this.take(this.#source);
  }

  /** Brings filter and order up to date. @param onMore Called when more has been gone through than could be at once. */
  arrange(wish: RowsWish, onMore: () => void): void {
    const hasSort = wish.columns.some(({ key }) => key === wish.sort?.key);
    this.#order.begin({ ...wish, source: this.#source, sort: hasSort ? wish.sort : null }, () => {
      this.#settle();
      onMore();
    });
    this.#settle();
  }

  /** A person looks at what is selected now. */
  keep(): void {
    const row = this.at(this.view.selected);
    if (row !== undefined) this.#anchor = { id: row.id, index: this.#order.at(this.view.selected) };
  }

  #settle(): void {
    const wasSeen = this.view.isSelectedSeen;
    this.view.fit(this.view.height, this.#order.length);
    if (this.#anchor === null) this.keep();
    else if (this.#anchor.index >= 0) this.view.place(Math.max(0, this.#order.positionOf(this.#anchor.index)));
    if (wasSeen) this.view.reveal();
  }
}
