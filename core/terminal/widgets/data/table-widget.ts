import type { Column, Plain, TableView } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatCount } from '../../../shell/format/numbers.ts';
import type { Key, Mouse, Surface } from '../../contract.ts';
import type { Hint } from '../../workbench/contract.ts';
import { drawCaption, drawEmpty } from './caption.ts';
import { ColumnLayout, type LaidColumn } from './column-layout.ts';
import { ColumnPicker } from './column-picker.ts';
import type { DataWidget, ViewEnv } from './data-widget.ts';
import { safe, textOf } from './label.ts';
import { Marks } from './marks.ts';
import { RowOrder, type Sort } from './row-order.ts';
import { drawScrollBar, topForBar } from './scroll-bar.ts';
import { Stored } from './stored.ts';
import { drawHeader, drawRow, gutter } from './table-rows.ts';
import { findRow, rowsOf, type TableHead, type TableRow, type TableSource } from './table-source.ts';
import { TypedLine } from './typed-line.ts';
import { Viewport } from './viewport.ts';
import { wrapText } from './wrap.ts';

/** Rows looked at for the widths of columns, besides those that are seen. */
const sampled = 200;

const hint = (key: string, title: string): Hint => ({ key, title: safeText(title) });
const usual = [
  hint('enter', 'open'),
  hint('/', 'filter'),
  hint('space', 'mark'),
  hint('s', 'sort'),
  hint('S', 'reverse'),
  hint('c', 'columns'),
];
const typing = [hint('enter', 'keep the filter'), hint('escape', 'show all')];
const choosing = [hint('space', 'show or hide'), hint('a', 'automatic'), hint('escape', 'done')];

/** A table of any number of rows: only those that are seen are ever drawn. */
export class TableWidget implements DataWidget {
  readonly #env: ViewEnv;
  #head: TableHead = { title: '', columns: [], empty: '' };
  #source: TableSource = rowsOf([]);
  readonly #order = new RowOrder();
  readonly #layout = new ColumnLayout();
  readonly #view = new Viewport();
  readonly #filter = new TypedLine();
  readonly #marks = new Marks();
  #sort: Sort | null = null;
  /** Columns that a person chose; `null` shows those that fit. */
  #chosen: readonly string[] | null = null;
  #picker: ColumnPicker | null = null;
  #pickerLeft = 0;
  /** The row that a person looks at, wherever new data puts it. */
  #anchor: { readonly id: string; readonly index: number } | null = null;
  #isSampled = false;
  #laid: readonly LaidColumn[] = [];
  #headerAt = -1;
  #bodyAt = 0;
  #width = 0;

  constructor(env: ViewEnv) {
    this.#env = env;
  }

  set(view: TableView): void {
    this.setSource(view, rowsOf(view.rows));
  }

  /** Shows rows of which only some are ever asked for. Selection, marks, filter, order and columns stay. */
  setSource(head: TableHead, source: TableSource): void {
    const keys = (columns: readonly Column[]): string => columns.map(({ key }) => key).join('\0');
    if (keys(head.columns) !== keys(this.#head.columns)) {
      this.#layout.forget();
      this.#picker = null;
    }
    this.#head = head;
    this.#source = source;
    this.#isSampled = false;
    if (this.#anchor !== null) {
      const { id, index } = this.#anchor;
      const found = findRow(source, id, index);
      // Gone: whoever is in its place now is looked at, unless one still waits for the first data.
      this.#anchor = found >= 0 ? { id, index: found } : index < 0 && source.length === 0 ? this.#anchor : null;
    }
    this.#marks.keepOnly(source);
    this.#reorder();
  }

  get row(): string | null {
    return this.#rowAt(this.#view.selected)?.id ?? null;
  }

  get marked(): readonly string[] {
    return this.#source.length === 0 ? [] : this.#marks.ids;
  }

  get isTyping(): boolean {
    return this.#filter.isOpen || this.#picker !== null;
  }

  get wantsFocus(): boolean {
    return this.#source.length > 0;
  }

  hints(): readonly Hint[] {
    if (this.#filter.isOpen) return typing;
    return this.#picker !== null ? choosing : usual;
  }

  heightFor(width: number): number {
    const rows = this.#source.length;
    return rows === 0 ? 1 + this.#emptyLines(width).length : 2 + rows;
  }

  state(): Plain {
    return {
      filter: this.#filter.text,
      sort: this.#sort === null ? null : { key: this.#sort.key, isReversed: this.#sort.isReversed },
      columns: this.#chosen,
      row: this.row ?? this.#anchor?.id ?? null,
      marked: this.#marks.ids.slice(0, 1000),
    };
  }

  restore(state: Plain): void {
    const stored = new Stored(state);
    this.#filter.text = stored.text('filter') ?? '';
    const sort = new Stored(stored.field('sort'));
    const key = sort.text('key');
    this.#sort = key === null ? null : { key, isReversed: sort.flag('isReversed') };
    this.#chosen = stored.texts('columns');
    this.#marks.set(stored.texts('marked') ?? []);
    const id = stored.text('row');
    if (id !== null) this.#anchor = { id, index: this.#source.length === 0 ? -1 : findRow(this.#source, id, 0) };
    if (this.#anchor !== null && this.#anchor.index < 0 && this.#source.length > 0) this.#anchor = null;
    this.#marks.keepOnly(this.#source);
    this.#reorder();
    this.#view.reveal();
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { width, height } = surface;
    const isFiltered = this.#filter.isOpen || this.#filter.text !== '';
    const caption = height >= 5 || (isFiltered && height >= 2) ? 1 : 0;
    this.#width = width;
    this.#headerAt = height - caption >= 2 ? caption : -1;
    this.#bodyAt = caption + (this.#headerAt < 0 ? 0 : 1);
    this.#view.fit(height - this.#bodyAt, this.#order.length);
    const columns = this.#columns();
    const now = this.#env.now();
    const seen = this.#seenRows();
    if (!this.#isSampled) {
      this.#layout.learn(columns, [...seen, ...this.#sample()], now, false);
      this.#isSampled = true;
    }
    this.#layout.learn(columns, seen, now, true);
    this.#laid = this.#layout.lay(columns, Math.max(1, width - gutter - 1), this.#sort, this.#chosen !== null);
    if (caption > 0) this.#drawCaption(surface);
    if (this.#order.length === 0) {
      drawEmpty(surface, Math.min(gutter, width - 1), caption, this.#emptyLines(width));
    } else {
      if (this.#headerAt >= 0) drawHeader(surface, this.#headerAt, this.#laid, this.#sort);
      for (const [line, row] of seen.entries()) {
        const look = {
          isSelected: this.#view.top + line === this.#view.selected,
          isMarked: this.#marks.has(row.id),
          isFocused,
          now,
        };
        drawRow(surface, this.#bodyAt + line, this.#laid, row, look);
      }
      if (width > 4) drawScrollBar(surface, width - 1, this.#bodyAt, this.#view);
    }
    if (this.#picker !== null) this.#pickerLeft = this.#picker.draw(surface);
  }

  key(key: Key): boolean {
    if (this.#picker !== null) {
      if (!this.#picker.key(key)) this.#picker = null;
      return true;
    }
    if (this.#filter.isOpen) {
      const typed = this.#filter.key(key);
      if (typed === 'changed' || typed === 'cancelled') this.#reorder();
      if (typed !== null) return true;
      return this.#move(key);
    }
    switch (key.name) {
      case '/':
        this.#filter.isOpen = true;
        return true;
      case 'escape':
        if (this.#filter.text === '') return false;
        this.#filter.text = '';
        this.#reorder();
        return true;
      case 's':
        return this.#sortBy(this.#nextColumn());
      case 'S':
        return this.#reverse();
      case 'c':
        return this.#choose();
      case 'enter':
        return this.#open();
      case 'space':
        return this.#mark(1);
      case 'shift+down':
        return this.#mark(1);
      case 'shift+up':
        return this.#mark(-1);
      case '*':
        this.#marks.toggleAll(this.#order.length, (position) => this.#rowAt(position)?.id);
        return true;
      default:
        return this.#move(key);
    }
  }

  paste(text: string): boolean {
    if (!this.#filter.isOpen) return false;
    this.#filter.paste(text);
    this.#reorder();
    return true;
  }

  mouse(event: Mouse): boolean {
    const { action, button, x, y } = event;
    if (this.#picker !== null && x >= this.#pickerLeft) {
      this.#picker.mouse({ ...event, x: x - this.#pickerLeft });
      return true;
    }
    if (this.#view.wheel(action)) return true;
    const isBar = x === this.#width - 1 && y >= this.#bodyAt && this.#order.length > this.#view.height;
    if (isBar && (action === 'press' || action === 'drag')) {
      return this.#view.scrollTo(topForBar(y - this.#bodyAt, this.#view));
    }
    if (action !== 'press' || button !== 'left') return false;
    if (y === this.#headerAt) {
      const column = this.#laid.find((laid) => x - gutter >= laid.x && x - gutter < laid.x + laid.width + 2);
      if (column === undefined) return false;
      return this.#sort?.key === column.column.key ? this.#reverse() : this.#sortBy(column.column.key);
    }
    const position = this.#view.top + y - this.#bodyAt;
    if (y < this.#bodyAt || position >= this.#order.length) return false;
    // A click on what is selected opens it.
    if (position === this.#view.selected) return this.#open();
    this.#view.select(position);
    this.#keepAnchor();
    return true;
  }

  #columns(): readonly Column[] {
    const chosen = this.#chosen;
    if (chosen === null) return this.#head.columns;
    const columns = this.#head.columns.filter(({ key }) => chosen.includes(key));
    return columns.length === 0 ? this.#head.columns : columns;
  }

  #rowAt(position: number): TableRow | undefined {
    if (position >= this.#order.length) return undefined;
    const index = this.#order.at(position);
    return index < this.#source.length ? this.#source.row(index) : undefined;
  }

  #seenRows(): readonly TableRow[] {
    const rows: TableRow[] = [];
    const end = Math.min(this.#view.top + this.#view.height, this.#order.length);
    for (let position = this.#view.top; position < end; position++) {
      const row = this.#rowAt(position);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  /** Some rows of the whole, evenly spread. */
  #sample(): readonly TableRow[] {
    const count = Math.min(sampled, this.#source.length);
    return Array.from({ length: count }, (_, at) => this.#source.row(Math.floor((at * this.#source.length) / count)));
  }

  #drawCaption(surface: Surface): void {
    const more: SafeText[] = [];
    const marked = this.#marks.ids.length;
    if (marked > 0) more.push(safeText(`${formatCount(marked)} marked`));
    const sort = this.#sort;
    if (sort !== null && !this.#laid.some(({ column }) => column.key === sort.key)) {
      const column = this.#head.columns.find(({ key }) => key === sort.key);
      const sign = (sort.isReversed ? '▼' : '▲') as SafeText;
      if (column !== undefined) more.push(safe`sorted by ${textOf(column.title)} ${sign}`);
    }
    drawCaption(surface, 0, {
      title: this.#head.title,
      shown: this.#order.length,
      all: this.#source.length,
      isPending: this.#order.isPending,
      more,
      filter: this.#filter,
    });
  }

  #emptyLines(width: number): readonly SafeText[] {
    const text = this.#source.length === 0 ? textOf(this.#head.empty) : safeText('nothing matches; escape shows all');
    return wrapText(this.#order.isPending ? safeText('looking …') : text, width - gutter);
  }

  /** Brings filter and order up to date and keeps the eye on the same row. */
  #reorder(): void {
    const { columns } = this.#head;
    const hasSort = columns.some(({ key }) => key === this.#sort?.key);
    const wish = {
      columns,
      source: this.#source,
      filter: this.#filter.text,
      sort: hasSort ? this.#sort : null,
      now: this.#env.now(),
    };
    this.#order.begin(wish, () => {
      this.#settle();
      this.#env.invalidate();
    });
    this.#settle();
    this.#env.invalidate();
  }

  #settle(): void {
    const wasSeen = this.#view.isSelectedSeen;
    this.#view.fit(this.#view.height, this.#order.length);
    if (this.#anchor === null) this.#keepAnchor();
    else if (this.#anchor.index >= 0) this.#view.place(Math.max(0, this.#order.positionOf(this.#anchor.index)));
    if (wasSeen) this.#view.reveal();
  }

  #keepAnchor(): void {
    const row = this.#rowAt(this.#view.selected);
    if (row !== undefined) this.#anchor = { id: row.id, index: this.#order.at(this.#view.selected) };
  }

  #move(key: Key): boolean {
    const moved = this.#view.key(key);
    if (moved) this.#keepAnchor();
    return moved;
  }

  #mark(by: 1 | -1): boolean {
    const id = this.row;
    if (id === null) return false;
    this.#marks.toggle(id);
    if (this.#view.select(this.#view.selected + by)) this.#keepAnchor();
    return true;
  }

  #open(): boolean {
    const id = this.row;
    if (id === null || this.#env.onOpen === undefined) return false;
    this.#env.onOpen(id);
    return true;
  }

  #choose(): boolean {
    const shown = this.#laid.map(({ column }) => column.key);
    this.#picker = new ColumnPicker(this.#head.columns, shown, (chosen) => {
      this.#chosen = chosen;
      this.#isSampled = false;
      this.#env.invalidate();
    });
    return true;
  }

  /** The column after the one that orders now; after the last one rows are as they come. */
  #nextColumn(): string | null {
    const keys = this.#laid.map(({ column }) => column.key);
    const sorted = this.#sort === null ? -1 : keys.indexOf(this.#sort.key);
    return keys[sorted + 1] ?? null;
  }

  #sortBy(key: string | null, isReversed = false): boolean {
    this.#sort = key === null ? null : { key, isReversed };
    this.#reorder();
    return true;
  }

  #reverse(): boolean {
    const key = this.#sort?.key ?? this.#laid[0]?.column.key;
    return key === undefined ? false : this.#sortBy(key, !(this.#sort?.isReversed ?? false));
  }
}
