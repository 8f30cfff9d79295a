import type { Cell, Column } from '@holdfast/api';
import type { SafeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import { own } from '../../../shell/render/own.ts';
import { fitColumns, gap } from './fit-columns.ts';
import { type Label, labelOf, safe, textOf } from './label.ts';
import type { Sort } from './row-order.ts';
import type { TableRow } from './table-source.ts';

/** A column where it stands. */
export interface LaidColumn {
  readonly column: Column;
  readonly title: SafeText;
  readonly x: number;
  readonly width: number;
  /** Said once in the header; `null` where cells say it. */
  readonly unit: SafeText | null;
}

/** What was seen of a column. It only grows, so that nothing moves while one scrolls. */
interface Seen {
  /** Widest text with its unit, and without. */
  full: number;
  bare: number;
  /** `undefined`: no value so far; `null`: there are several. */
  unit: SafeText | null | undefined;
}

/** Wider than this no column asks for room: a name of 10,000 letters is cut. */
const widest = 200;
const figure = /^-?[\d.,]+ (\S+)$/;

const isNumber = (column: Column): boolean => column.align === 'right';

/** Nothing of something is nothing in any unit. */
const isZero = (cell: Cell): boolean =>
  (cell.kind === 'bytes' && cell.bytes === 0) || (cell.kind === 'duration' && cell.ms === 0);

function unitOf(cell: Cell | undefined, label: Label): SafeText | null | undefined {
  if (cell === undefined || cell.kind === 'none' || isZero(cell)) return undefined;
  if (cell.kind !== 'bytes' && cell.kind !== 'ratio' && cell.kind !== 'duration') return null;
  return (figure.exec(label.text)?.[1] as SafeText | undefined) ?? null;
}

/** A cell's text under a header that says the unit. */
export function withoutUnit(text: SafeText, unit: SafeText | null): SafeText {
  if (unit === null) return text;
  const match = figure.exec(text);
  return match === null ? text : (text.slice(0, text.lastIndexOf(' ')) as SafeText);
}

/** Finds out how wide columns are and which of them there is room for. */
export class ColumnLayout {
  readonly #seen = new Map<string, Seen>();
  #version = 0;
  #made: { readonly of: string; readonly columns: readonly Column[]; readonly laid: readonly LaidColumn[] } | null =
    null;

  /** Other columns have come, or the room is another one: what was seen counts no more. */
  forget(): void {
    this.#seen.clear();
    this.#version += 1;
  }

  /** Looks at rows. With `onlyNumbers` words may be longer than their column: they are cut, but figures are not. */
  learn(columns: readonly Column[], rows: readonly TableRow[], now: number, onlyNumbers: boolean): void {
    for (const column of columns) {
      if (onlyNumbers && !isNumber(column)) continue;
      let seen = this.#seen.get(column.key);
      if (seen === undefined) {
        seen = { full: 0, bare: 0, unit: undefined };
        this.#seen.set(column.key, seen);
      }
      for (const row of rows) this.#look(seen, own(row.cells, column.key), now);
    }
  }

  #look(seen: Seen, cell: Cell | undefined, now: number): void {
    const label = labelOf(cell, now);
    const full = Math.min(widest, displayWidth(label.text));
    const unit = unitOf(cell, label);
    const bare = unit === undefined || unit === null ? full : full - displayWidth(unit) - 1;
    const merged = unit === undefined ? seen.unit : seen.unit === undefined || seen.unit === unit ? unit : null;
    if (full <= seen.full && bare <= seen.bare && merged === seen.unit) return;
    seen.full = Math.max(seen.full, full);
    seen.bare = Math.max(seen.bare, bare);
    seen.unit = merged;
    this.#version += 1;
  }

  /** @param isChosen A person chose these columns themselves: all of them are worth the same. */
  lay(columns: readonly Column[], room: number, sort: Sort | null, isChosen: boolean): readonly LaidColumn[] {
    const of = `${this.#version} ${room} ${isChosen} ${sort?.key ?? ''}`;
    if (this.#made?.of === of && this.#made.columns === columns) return this.#made.laid;
    const titled = columns.map((column) => {
      const seen = this.#seen.get(column.key);
      const unit = (isNumber(column) ? seen?.unit : null) ?? null;
      const name = textOf(column.title, widest).toUpperCase() as SafeText;
      const title = unit === null ? name : safe`${name} ${unit}`;
      const values = unit === null ? (seen?.full ?? 0) : (seen?.bare ?? 0);
      // A sign for the order has its place only where it is drawn.
      const header = displayWidth(title) + (sort?.key === column.key ? 2 : 0);
      return { column, title, unit, width: Math.min(widest, Math.max(header, values)) };
    });
    const wanted = titled.map(({ column, width }) => ({
      priority: isChosen ? 0 : (column.priority ?? 1),
      isNumber: isNumber(column),
      width,
    }));
    let x = 0;
    const laid = fitColumns(wanted, room).flatMap(({ index, width }) => {
      const one = titled[index];
      if (one === undefined) return [];
      const at = x;
      x += width + gap;
      return [{ ...one, x: at, width }];
    });
    this.#made = { of, columns, laid };
    return laid;
  }
}
