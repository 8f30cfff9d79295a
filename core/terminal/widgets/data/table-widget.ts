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
import type { Sort } from './row-order.ts';
import { drawScrollBar, topForBar } from './scroll-bar.ts';
import { ShownRows } from './shown-rows.ts';
import { Stored } from './stored.ts';
import { drawHeader, drawRow, gutter } from './table-rows.ts';
import { rowsOf, type TableHead, type TableSource } from './table-source.ts';
import { TypedLine } from './typed-line.ts';
import { wrapText } from './wrap.ts';

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
  readonly #rows = new ShownRows();
  readonly #layout = new ColumnLayout();
  readonly #filter = new TypedLine();
  #sort: Sort | null = null;
  /** Columns that a person chose; `null` shows those that fit. */
  #chosen: readonly string[] | null = null;
  #picker: ColumnPicker | null = null;
  #pickerLeft = 0;
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
    this.#isSampled = false;
    this.#rows.take(source);
    this.#arrange();
  }

  get row(): string | null {
    return this.#rows.selected;
  }

  get marked(): readonly string[] {
    return this.#rows.all === 0 ? [] : this.#rows.marks.ids;
  }

  get isTyping(): boolean {
    return this.#filter.isOpen || this.#picker !== null;
  }

  get wantsFocus(): boolean {
    return this.#rows.all > 0;
  }

  hints(): readonly Hint[] {
    if (this.#filter.isOpen) return typing;
    return this.#picker !== null ? choosing : usual;
  }

  heightFor(width: number): number {
    const rows = this.#rows.all;
    return rows === 0 ? 1 + this.#emptyLines(width).length : 2 + rows;
  }

  /** Without the marks: what was marked in another session is forgotten by now, and would be acted on unseen. */
  state(): Plain {
    return {
      filter: this.#filter.text,
      sort: this.#sort === null ? null : { key: this.#sort.key, isReversed: this.#sort.isReversed },
      columns: this.#chosen,
      row: this.#rows.wanted,
    };
  }

  restore(state: Plain): void {
    const stored = new Stored(state);
    this.#filter.text = stored.text('filter') ?? '';
    const sort = new Stored(stored.field('sort'));
    const key = sort.text('key');
    this.#sort = key === null ? null : { key, isReversed: sort.flag('isReversed') };
    this.#chosen = stored.texts('columns');
    const row = stored.text('row');
    if (row !== null) this.#rows.want(row);
    this.#arrange();
    this.#rows.view.reveal();
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { width, height } = surface;
    const isFiltered = this.#filter.isOpen || this.#filter.text !== '';
    const isRoomy = height >= 5 || height >= this.heightFor(width);
    const caption = height >= 2 && (isFiltered || isRoomy) ? 1 : 0;
    this.#width = width;
    this.#headerAt = height - caption >= 2 ? caption : -1;
    this.#bodyAt = caption + (this.#headerAt < 0 ? 0 : 1);
    this.#rows.view.fit(height - this.#bodyAt, this.#rows.length);
    const columns = this.#columns();
    const now = this.#env.now();
    const seen = this.#rows.seen();
    if (!this.#isSampled) {
      this.#layout.learn(columns, [...seen, ...this.#rows.sample()], now, false);
      this.#isSampled = true;
    }
    this.#layout.learn(columns, seen, now, true);
    this.#laid = this.#layout.lay(columns, Math.max(1, width - gutter - 1), this.#sort, this.#chosen !== null);
    if (caption > 0) this.#drawCaption(surface);
    if (this.#rows.length === 0) {
      drawEmpty(surface, Math.min(gutter, width - 1), caption, this.#emptyLines(width));
    } else {
      if (this.#headerAt >= 0) drawHeader(surface, this.#headerAt, this.#laid, this.#sort);
      for (const [line, row] of seen.entries()) {
        const look = {
          isSelected: this.#rows.view.top + line === this.#rows.view.selected,
          isMarked: this.#rows.marks.has(row.id),
          isFocused,
          now,
        };
        drawRow(surface, this.#bodyAt + line, this.#laid, row, look);
      }
      if (width > 4) drawScrollBar(surface, width - 1, this.#bodyAt, this.#rows.view);
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
      if (typed === 'changed' || typed === 'cancelled') this.#arrange();
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
        this.#arrange();
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
        this.#rows.marks.toggleAll(this.#rows.length, (position) => this.#rows.at(position)?.id);
        return true;
      default:
        return this.#move(key);
    }
  }

  paste(text: string): boolean {
    if (!this.#filter.isOpen) return false;
    this.#filter.paste(text);
    this.#arrange();
    return true;
  }

  mouse(event: Mouse): boolean {
    const { action, button, x, y } = event;
    if (this.#picker !== null && x >= this.#pickerLeft) {
      this.#picker.mouse({ ...event, x: x - this.#pickerLeft });
      return true;
    }
    if (this.#rows.view.wheel(action)) return true;
    const isBar = x === this.#width - 1 && y >= this.#bodyAt && this.#rows.length > this.#rows.view.height;
    if (isBar && (action === 'press' || action === 'drag')) {
      return this.#rows.view.scrollTo(topForBar(y - this.#bodyAt, this.#rows.view));
    }
    if (action !== 'press' || button !== 'left') return false;
    if (y === this.#headerAt) {
      const column = this.#laid.find((laid) => x - gutter >= laid.x && x - gutter < laid.x + laid.width + 2);
      if (column === undefined) return false;
      return this.#sort?.key === column.column.key ? this.#reverse() : this.#sortBy(column.column.key);
    }
    const position = this.#rows.view.top + y - this.#bodyAt;
    if (y < this.#bodyAt || position >= this.#rows.length) return false;
    // A click on what is selected opens it.
    if (position === this.#rows.view.selected) return this.#open();
    this.#rows.view.select(position);
    this.#rows.keep();
    return true;
  }

  #columns(): readonly Column[] {
    const chosen = this.#chosen;
    if (chosen === null) return this.#head.columns;
    const columns = this.#head.columns.filter(({ key }) => chosen.includes(key));
    return columns.length === 0 ? this.#head.columns : columns;
  }

  #drawCaption(surface: Surface): void {
    const more: SafeText[] = [];
    const marked = this.#rows.marks.ids.length;
    if (marked > 0) more.push(safeText(`${formatCount(marked)} marked`));
    const sort = this.#sort;
    if (sort !== null && !this.#laid.some(({ column }) => column.key === sort.key)) {
      const column = this.#head.columns.find(({ key }) => key === sort.key);
      const sign = (sort.isReversed ? '▼' : '▲') as SafeText;
      if (column !== undefined) more.push(safe`sorted by ${textOf(column.title)} ${sign}`);
    }
    drawCaption(surface, 0, {
      title: this.#head.title,
      shown: this.#rows.length,
      all: this.#rows.all,
      isPending: this.#rows.isPending,
      more,
      filter: this.#filter,
    });
  }

  #emptyLines(width: number): readonly SafeText[] {
    const text = this.#rows.all === 0 ? textOf(this.#head.empty, 2000) : safeText('nothing matches; escape shows all');
    return wrapText(this.#rows.isPending ? safeText('looking …') : text, width - gutter);
  }

  #arrange(): void {
    const wish = { columns: this.#head.columns, filter: this.#filter.text, sort: this.#sort, now: this.#env.now() };
    this.#rows.arrange(wish, () => this.#env.invalidate());
    this.#env.invalidate();
  }

  #move(key: Key): boolean {
    const moved = this.#rows.view.key(key);
    if (moved) this.#rows.keep();
    return moved;
  }

  #mark(by: 1 | -1): boolean {
    const id = this.row;
    if (id === null) return false;
    this.#rows.marks.toggle(id);
    if (this.#rows.view.select(this.#rows.view.selected + by)) this.#rows.keep();
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
    this.#arrange();
    return true;
  }

  #reverse(): boolean {
    const key = this.#sort?.key ?? this.#laid[0]?.column.key;
    return key === undefined ? false : this.#sortBy(key, !(this.#sort?.isReversed ?? false));
  }
}
