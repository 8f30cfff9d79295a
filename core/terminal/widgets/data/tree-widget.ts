import type { Plain, TreeView } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Key, Mouse, Surface } from '../../contract.ts';
import type { Hint } from '../../workbench/contract.ts';
import { drawCaption, drawEmpty } from './caption.ts';
import type { DataWidget, ViewEnv } from './data-widget.ts';
import { cut, labelOf, plain, quiet, textOf, toneStyle } from './label.ts';
import { drawScrollBar, topForBar } from './scroll-bar.ts';
import { Stored } from './stored.ts';
import { drawSelection } from './table-rows.ts';
import { foundRows, openRows, type TreeRow } from './tree-rows.ts';
import { TypedLine } from './typed-line.ts';
import { Viewport } from './viewport.ts';
import { wrapText } from './wrap.ts';

const indent = 2;
const left = 2;
const opened = '▾' as SafeText;
const closed = '▸' as SafeText;
const mostKept = 1000;

const hint = (key: string, title: string): Hint => ({ key, title: safeText(title) });
const usual = [hint('enter', 'open'), hint('right', 'unfold'), hint('left', 'fold'), hint('/', 'filter')];
const typing = [hint('enter', 'keep the filter'), hint('escape', 'show all')];

/** A tree of any size: what is folded up is not looked at. */
export class TreeWidget implements DataWidget {
  readonly #env: ViewEnv;
  #tree: TreeView = { kind: 'tree', title: '', roots: [], empty: '' };
  /** Paths that a person opened or closed; roots are open unless they were closed. */
  readonly #folds = new Map<string, boolean>();
  readonly #view = new Viewport();
  readonly #filter = new TypedLine();
  #rows: readonly TreeRow[] = [];
  #anchor: string | null = null;
  #bodyAt = 0;
  #width = 0;

  constructor(env: ViewEnv) {
    this.#env = env;
  }

  set(view: TreeView): void {
    this.#tree = view;
    this.#relist();
  }

  get row(): string | null {
    return this.#selected?.node.id ?? null;
  }

  get marked(): readonly string[] {
    return [];
  }

  get isTyping(): boolean {
    return this.#filter.isOpen;
  }

  get wantsFocus(): boolean {
    return this.#tree.roots.length > 0;
  }

  hints(): readonly Hint[] {
    return this.#filter.isOpen ? typing : usual;
  }

  heightFor(width: number): number {
    const caption = this.#tree.title === '' ? 0 : 1;
    return caption + (this.#tree.roots.length === 0 ? this.#emptyLines(width).length : this.#rows.length);
  }

  state(): Plain {
    const folds = [...this.#folds].slice(-mostKept);
    const paths = (isOpen: boolean): readonly string[] => folds.filter(([, is]) => is === isOpen).map(([path]) => path);
    return {
      filter: this.#filter.text,
      row: this.#selected?.path ?? this.#anchor,
      opened: paths(true),
      closed: paths(false),
    };
  }

  restore(state: Plain): void {
    const stored = new Stored(state);
    this.#filter.text = stored.text('filter') ?? '';
    this.#folds.clear();
    for (const path of stored.texts('opened')?.slice(0, mostKept) ?? []) this.#folds.set(path, true);
    for (const path of stored.texts('closed')?.slice(0, mostKept) ?? []) this.#folds.set(path, false);
    this.#anchor = stored.text('row');
    this.#relist();
    this.#view.reveal();
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { width, height } = surface;
    const isFiltered = this.#filter.isOpen || this.#filter.text !== '';
    this.#width = width;
    this.#bodyAt =
      height >= 2 && (isFiltered || (this.#tree.title !== '' && (height >= 4 || height >= this.heightFor(width))))
        ? 1
        : 0;
    this.#view.fit(height - this.#bodyAt, this.#rows.length);
    if (this.#bodyAt > 0) {
      drawCaption(surface, 0, {
        title: this.#tree.title,
        shown: this.#rows.length,
        all: null,
        isPending: false,
        more: [],
        filter: this.#filter,
      });
    }
    if (this.#rows.length === 0) {
      drawEmpty(surface, Math.min(left, width - 1), this.#bodyAt, this.#emptyLines(width));
      return;
    }
    for (let line = 0; line < this.#view.height; line++) {
      const row = this.#rows[this.#view.top + line];
      if (row !== undefined) this.#drawRow(surface, this.#bodyAt + line, row, isFocused);
    }
    if (width > 4) drawScrollBar(surface, width - 1, this.#bodyAt, this.#view);
  }

  key(key: Key): boolean {
    if (this.#filter.isOpen) {
      const typed = this.#filter.key(key);
      if (typed === 'changed' || typed === 'cancelled') this.#relist();
      return typed !== null || this.#move(key);
    }
    switch (key.name) {
      case '/':
        this.#filter.isOpen = true;
        return true;
      case 'escape':
        if (this.#filter.text === '') return false;
        this.#filter.text = '';
        this.#relist();
        return true;
      case 'right':
      case 'l':
        return this.#unfold();
      case 'left':
      case 'h':
        return this.#fold();
      case 'space':
        return this.#toggle();
      case 'enter':
        return this.#open();
      default:
        return this.#move(key);
    }
  }

  paste(text: string): boolean {
    if (!this.#filter.isOpen) return false;
    this.#filter.paste(text);
    this.#relist();
    return true;
  }

  mouse({ action, button, x, y }: Mouse): boolean {
    if (this.#view.wheel(action)) return true;
    const isBar = x === this.#width - 1 && y >= this.#bodyAt && this.#rows.length > this.#view.height;
    if (isBar && (action === 'press' || action === 'drag')) {
      return this.#view.scrollTo(topForBar(y - this.#bodyAt, this.#view));
    }
    const at = this.#view.top + y - this.#bodyAt;
    const row = this.#rows[at];
    if (action !== 'press' || button !== 'left' || y < this.#bodyAt || row === undefined) return false;
    const wasSelected = at === this.#view.selected;
    this.#view.select(at);
    this.#anchor = row.path;
    if (row.hasChildren && (wasSelected || x === left + row.depth * indent)) return this.#toggle();
    if (wasSelected) this.#open();
    return true;
  }

  get #selected(): TreeRow | undefined {
    return this.#rows[this.#view.selected];
  }

  #drawRow(surface: Surface, y: number, row: TreeRow, isFocused: boolean): void {
    const isSelected = row === this.#selected;
    const selection = isSelected ? drawSelection(surface, y, isFocused) : null;
    const own = isSelected && isFocused ? selection : null;
    // However deep it is, the beginning of a name can be seen.
    const x = Math.min(left + row.depth * indent, Math.max(left, surface.width - 16));
    if (row.hasChildren) surface.text(x, y, row.isOpen ? opened : closed, own ?? quiet);
    const room = surface.width - 1 - x - 2;
    const label = cut(textOf(row.node.label), room);
    const taken = surface.text(x + 2, y, label, own ?? plain);
    if (row.node.detail === undefined) return;
    const { text, tone } = labelOf(row.node.detail, this.#env.now());
    if (room - taken - 2 < Math.min(4, displayWidth(text))) return;
    surface.text(x + 4 + taken, y, cut(text, room - taken - 2), own ?? (tone === null ? quiet : toneStyle(tone)));
  }

  #emptyLines(width: number): readonly SafeText[] {
    const isNothing = this.#tree.roots.length === 0;
    return wrapText(
      isNothing ? textOf(this.#tree.empty, 2000) : safeText('nothing matches; escape shows all'),
      width - left,
    );
  }

  #relist(): void {
    const filter = this.#filter.text.trim();
    const { roots } = this.#tree;
    this.#rows =
      filter === ''
        ? openRows(roots, (path, depth) => this.#folds.get(path) ?? depth === 0)
        : foundRows(roots, filter, this.#env.now());
    const wasSeen = this.#view.isSelectedSeen;
    this.#view.fit(this.#view.height, this.#rows.length);
    const at = this.#anchor === null ? -1 : this.#rows.findIndex(({ path }) => path === this.#anchor);
    if (at >= 0) this.#view.place(at);
    else if (filter !== '') this.#view.place(0);
    else this.#anchor = this.#selected?.path ?? this.#anchor;
    if (wasSeen) this.#view.reveal();
    this.#env.invalidate();
  }

  #move(key: Key): boolean {
    const moved = this.#view.key(key);
    if (moved) this.#anchor = this.#selected?.path ?? null;
    return moved;
  }

  #setOpen(row: TreeRow, isOpen: boolean): boolean {
    // What is found is shown wholly: there is nothing to fold.
    if (this.#filter.text.trim() !== '') return false;
    this.#anchor = row.path;
    this.#folds.delete(row.path);
    this.#folds.set(row.path, isOpen);
    this.#relist();
    return true;
  }

  #toggle(): boolean {
    const row = this.#selected;
    return row?.hasChildren === true && this.#setOpen(row, !row.isOpen);
  }

  #unfold(): boolean {
    const row = this.#selected;
    if (row?.hasChildren !== true) return false;
    if (!row.isOpen) return this.#setOpen(row, true);
    return this.#select(this.#view.selected + 1);
  }

  #fold(): boolean {
    const row = this.#selected;
    if (row === undefined) return false;
    if (row.isOpen && this.#setOpen(row, false)) return true;
    return row.parent >= 0 && this.#select(row.parent);
  }

  #select(at: number): boolean {
    const moved = this.#view.select(at);
    this.#anchor = this.#selected?.path ?? null;
    return moved;
  }

  #open(): boolean {
    const row = this.#selected;
    if (row === undefined) return false;
    if (row.hasChildren) return this.#toggle();
    if (this.#env.onOpen === undefined) return false;
    this.#env.onOpen(row.node.id);
    return true;
  }
}
