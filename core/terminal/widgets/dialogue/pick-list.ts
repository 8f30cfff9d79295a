import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatCount } from '../../../shell/format/numbers.ts';
import type { Key, Mouse, Style, Surface, Widget } from '../../contract.ts';
import { keyName } from '../../keys/key-name.ts';
import { queryOf } from './fuzzy.ts';
import { cutSafe } from './line-break.ts';
import { type Box, contains, drawBox, innerOf, placeBox, quickLook } from './overlay-box.ts';
import type { PickItem } from './pick-item.ts';
import { PickOrder } from './pick-order.ts';
import { drawPickRow } from './pick-row.ts';
import { TextField } from './text-field.ts';

export type { PickItem } from './pick-item.ts';

export interface PickListOptions {
  readonly title: string;
  /** Best first: what was used lately. */
  readonly items: readonly PickItem[];
  readonly placeholder?: string;
  /** Shown instead of an empty list. */
  readonly empty?: string;
  readonly onPick: (item: PickItem) => void;
  readonly onCancel: () => void;
  /** Another item is selected: for live previews. */
  readonly onSelect?: (item: PickItem | null) => void;
  readonly onQuery?: (typed: string) => void;
  readonly invalidate: () => void;
}

/** A row of the list: a heading, or an item by its number. */
type Row = { readonly heading: string } | { readonly index: number };

const ground = quickLook.ground;
const heading: Style = { fg: 'descriptionForeground', bg: 'quickInput.background', bold: true };
const selected: Style = { fg: 'list.activeSelectionForeground', bg: 'list.activeSelectionBackground', bold: true };
const widest = 84;
const mostRows = 22;

/** Something to choose from a list as one types: the command palette, quick open, themes. Drawn over whatever is there. */
export class PickList implements Widget {
  readonly #options: PickListOptions;
  readonly #field: TextField;
  #order: PickOrder;
  #found: readonly PickItem[] = [];
  #rows: readonly Row[] = [];
  #selected = 0;
  #top = 0;
  #height = 1;
  #box: Box = { x: 0, y: 0, width: 0, height: 0 };
  /** Why what was chosen last could not be. */
  #refusal: string | null = null;

  constructor(options: PickListOptions) {
    this.#options = options;
    this.#order = new PickOrder(options.items);
    this.#field = new TextField({
      placeholder: options.placeholder ?? 'type to search',
      maxLength: 256,
      onChange: () => this.#typed(),
    });
    this.#find();
  }

  get query(): string {
    return this.#field.value;
  }

  set query(text: string) {
    this.#field.value = text;
    this.#find();
  }

  /** The item that Enter would take. */
  get selected(): PickItem | null {
    return this.#found[this.#selected] ?? null;
  }

  /** Replaces what is offered: more was found out. What is typed stays, and what is selected where it still is. */
  setItems(items: readonly PickItem[]): void {
    const id = this.selected?.id;
    this.#order = new PickOrder(items);
    this.#find();
    const at = this.#found.findIndex((item) => item.id === id);
    if (at >= 0) this.#selected = at;
    this.#options.invalidate();
  }

  key(key: Key): boolean {
    const name = keyName(key.name);
    this.#refusal = null;
    if (name === 'escape') this.#options.onCancel();
    else if (name === 'enter') this.#take();
    else if (name === 'up' || name === 'ctrl+p' || name === 'shift+tab') this.#select(this.#selected - 1, true);
    else if (name === 'down' || name === 'ctrl+n' || name === 'tab') this.#select(this.#selected + 1, true);
    else if (name === 'pageup') this.#select(this.#selected - this.#height, false);
    else if (name === 'pagedown') this.#select(this.#selected + this.#height, false);
    else if (name === 'ctrl+home') this.#select(0, false);
    else if (name === 'ctrl+end') this.#select(this.#found.length - 1, false);
    else this.#field.key(key);
    this.#options.invalidate();
    // Nothing below gets a key while this lies on top.
    return true;
  }

  paste(text: string): boolean {
    this.#field.paste(text);
    this.#options.invalidate();
    return true;
  }

  mouse(event: Mouse): boolean {
    const inner = innerOf(this.#box);
    if (event.action === 'wheel-up') this.#select(this.#selected - 1, false);
    else if (event.action === 'wheel-down') this.#select(this.#selected + 1, false);
    else if (event.action === 'press' && !contains(this.#box, event.x, event.y)) this.#options.onCancel();
    else if (event.action === 'press' && event.button === 'left' && contains(inner, event.x, event.y)) {
      const row = this.#rows[this.#top + event.y - inner.y - 1];
      if (event.y === inner.y) this.#field.mouse({ ...event, x: event.x - inner.x, y: 0 });
      else if (row !== undefined && 'index' in row && event.y - inner.y <= this.#height) {
        this.#selected = row.index;
        this.#take();
      }
    }
    this.#options.invalidate();
    return true;
  }

  draw(surface: Surface, isFocused: boolean): void {
    const wanted = Math.max(8, Math.min(mostRows, this.#rows.length + 4));
    const room = surface.height > 12 ? surface.height - 2 : surface.height;
    const box = placeBox(
      surface,
      Math.min(widest, surface.width > 30 ? surface.width - 4 : surface.width),
      Math.min(wanted, room),
    );
    // The field stays where it is while the list below grows and shrinks.
    this.#box = { ...box, y: surface.height > 12 ? 1 : 0 };
    const inner = drawBox(surface, this.#box, safeText(this.#options.title, 200), quickLook);
    this.#field.draw(inner.area(0, 0, inner.width, 1), isFocused);
    const hasNote = inner.height >= 3;
    this.#height = Math.max(1, inner.height - (hasNote ? 2 : 1));
    this.#drawRows(inner.area(0, 1, inner.width, this.#height));
    if (hasNote) this.#drawNote(inner);
  }

  #drawRows(surface: Surface): void {
    this.#reveal();
    if (this.#found.length === 0) {
      const text = this.query === '' ? (this.#options.empty ?? 'nothing to choose from') : 'nothing fits what is typed';
      surface.text(1, 0, cutSafe(safeText(text), surface.width - 1), { ...ground, fg: 'descriptionForeground' });
      return;
    }
    const query = queryOf(this.query);
    for (let y = 0; y < surface.height; y++) {
      const row = this.#rows[this.#top + y];
      if (row === undefined) break;
      if ('heading' in row) {
        surface.text(0, y, cutSafe(safeText(row.heading, 200), surface.width), heading);
        continue;
      }
      const item = this.#found[row.index];
      const isSelected = row.index === this.#selected;
      if (item !== undefined) drawPickRow(surface, y, item, query, isSelected ? selected : ground);
      if (isSelected) surface.text(0, y, safeText('▐'), { fg: 'focusBorder', bg: 'list.activeSelectionBackground' });
    }
  }

  #drawNote(inner: Surface): void {
    const y = inner.height - 1;
    if (this.#refusal !== null) {
      drawLine(inner, y, safeText(`✗ ${this.#refusal}`, 500), { ...ground, fg: 'tone.bad' });
      return;
    }
    const count = this.#found.length;
    const number = count === 0 ? '' : `${formatCount(this.#selected + 1)} of ${formatCount(count)}`;
    drawLine(inner, y, safeText(number), { ...ground, fg: 'descriptionForeground' });
  }

  #typed(): void {
    this.#find();
    this.#options.onQuery?.(this.query);
  }

  #find(): void {
    this.#found = this.#order.find(this.query);
    this.#rows = rowsOf(this.#found, this.query.trim() === '');
    this.#selected = Math.max(
      0,
      this.#found.findIndex((item) => typeof item.refused !== 'string'),
    );
    this.#top = 0;
    this.#options.onSelect?.(this.selected);
  }

  #select(index: number, wraps: boolean): void {
    const count = this.#found.length;
    if (count === 0) return;
    const before = this.#selected;
    this.#selected = wraps ? (index + count) % count : Math.max(0, Math.min(count - 1, index));
    if (this.#selected !== before) this.#options.onSelect?.(this.selected);
  }

  #take(): void {
    const item = this.selected;
    if (item === null) return;
    if (typeof item.refused === 'string') this.#refusal = item.refused;
    else this.#options.onPick(item);
  }

  #reveal(): void {
    const at = this.#rows.findIndex((row) => 'index' in row && row.index === this.#selected);
    // The heading above the first item of a group is shown with it.
    const above = this.#rows[at - 1];
    const first = above !== undefined && 'heading' in above && this.#height > 1 ? at - 1 : at;
    if (first < this.#top) this.#top = Math.max(0, first);
    if (at >= this.#top + this.#height) this.#top = at - this.#height + 1;
    this.#top = Math.max(0, Math.min(this.#top, this.#rows.length - this.#height));
  }
}

function drawLine(inner: Surface, y: number, text: SafeText, style: Style): void {
  inner.text(0, y, cutSafe(text, inner.width), style);
}

function rowsOf(items: readonly PickItem[], isGrouped: boolean): readonly Row[] {
  const rows: Row[] = [];
  let group: string | undefined;
  for (const [index, item] of items.entries()) {
    if (isGrouped && item.group !== group) {
      group = item.group;
      if (group !== undefined && group !== '') rows.push({ heading: group });
    }
    rows.push({ index });
  }
  return rows;
}
