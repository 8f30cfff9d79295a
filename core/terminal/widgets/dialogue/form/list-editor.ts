import type { Plain } from '@holdfast/api';
import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import type { Key, Mouse, Style, Surface } from '../../../contract.ts';
import { keyName } from '../../../keys/key-name.ts';
import { cutSafe } from '../line-break.ts';
import { TextField } from '../text-field.ts';
import type { Editor } from './editor.ts';
import type { FieldSpec } from './field-spec.ts';
import { typedForm } from './shown-value.ts';

const ground: Style = { fg: 'input.foreground', bg: 'input.background' };
const quiet: Style = { fg: 'input.placeholderForeground', bg: 'input.background', dim: true };
const mostRows = 8;
const mostItems = 10_000;

/** Edits a list of texts: one a row while it is the current field, with a row below to add to it. Order counts. */
export class ListEditor implements Editor {
  readonly #spec: FieldSpec;
  readonly #entry: TextField;
  #items: readonly string[] = [];
  /** Whether anything was given; otherwise the default counts. */
  #isGiven = false;
  /** What was given and is no list of texts, as long as nobody has changed it. */
  #odd: Plain = undefined;
  /** The items and what stands in the row that adds. */
  #joined: { readonly entry: string; readonly items: readonly string[]; readonly value: readonly string[] } | null =
    null;
  /** Item that is selected; as many as there are: the row that adds. */
  #at = 0;
  #top = 0;
  #isCurrent = false;

  constructor(spec: FieldSpec) {
    this.#spec = spec;
    this.#entry = new TextField({ placeholder: 'add…', join: spec.argument.separator ?? ' ' });
  }

  get value(): Plain {
    if (this.#odd !== undefined) return this.#odd;
    const pending = this.#parts(this.#entry.value);
    if (pending.length === 0) return this.#isGiven ? this.#items : undefined;
    // The same list as long as nothing changes, so that a long one is not checked at each frame.
    const entry = this.#entry.value;
    const items = this.#shown;
    if (this.#joined?.entry !== entry || this.#joined.items !== items) {
      this.#joined = { entry, items, value: [...items, ...pending] };
    }
    return this.#joined.value;
  }

  load(value: Plain): void {
    const isList = Array.isArray(value) && value.every((item) => typeof item === 'string');
    this.#items = isList ? value.slice(0, mostItems) : [];
    this.#isGiven = isList;
    this.#odd = isList || value === undefined || value === null ? undefined : value;
    this.#entry.value = '';
    this.#at = this.#items.length;
  }

  get query(): string | null {
    return this.#at >= this.#items.length ? this.#entry.value : null;
  }

  accept(value: string): void {
    this.#entry.value = '';
    this.#insert([value]);
  }

  key(key: Key): boolean {
    const name = keyName(key.name);
    if (name === 'up' || name === 'down') return this.#select(this.#at + (name === 'up' ? -1 : 1));
    const onItem = this.#at < this.#items.length;
    if (name === 'alt+up' || name === 'ctrl+up') return this.#shift(-1);
    if (name === 'alt+down' || name === 'ctrl+down') return this.#shift(1);
    if (onItem && (name === 'delete' || name === 'backspace')) return this.#remove();
    if (name === 'enter') return this.#commit();
    if (!onItem && name === 'backspace' && this.#entry.value === '') return this.#select(this.#at - 1);
    if (key.text !== null && key.text === this.#spec.argument.separator && this.#commit()) return true;
    if (onItem && key.text === null) return false;
    this.#at = this.#items.length;
    return this.#entry.key(key);
  }

  /** Several lines, or what the separator parts, become several items. */
  paste(text: string): boolean {
    const parts = text.split(/\r\n|\r|\n/).flatMap((line) => this.#parts(line));
    if (parts.length > 1) this.#insert(parts);
    else {
      this.#at = this.#shown.length;
      this.#entry.paste(text);
    }
    return true;
  }

  mouse(event: Mouse): void {
    if (event.action !== 'press') return;
    this.#adopt();
    this.#at = Math.min(this.#items.length, this.#top + event.y);
    if (this.#at === this.#items.length) this.#entry.mouse({ ...event, x: event.x - 2 });
  }

  enter(from: 'above' | 'below'): void {
    this.#isCurrent = true;
    this.#adopt();
    this.#at = from === 'above' && this.#items.length > 1 ? 0 : this.#items.length;
  }

  leave(): void {
    this.#commit();
    this.#isCurrent = false;
  }

  get rows(): number {
    return this.#isCurrent ? Math.min(mostRows, this.#shown.length + 1) : 1;
  }

  get row(): number {
    return this.#isCurrent ? this.#at - this.#top : 0;
  }

  draw(surface: Surface, isCurrent: boolean, isFocused: boolean): void {
    surface.fill(0, 0, surface.width, surface.height, ground);
    const look = this.#isGiven ? ground : quiet;
    if (this.#odd !== undefined || !isCurrent) {
      const text = this.#odd === undefined ? this.#shown.join(', ') : typedForm(this.#odd);
      surface.text(0, 0, cutSafe(safeText(text, 1000), surface.width), look);
      if (isFocused) surface.cursor(0, 0);
      return;
    }
    const height = Math.max(1, surface.height);
    this.#top = Math.max(0, Math.min(this.#top, this.#at, this.#shown.length + 1 - height));
    if (this.#at >= this.#top + height) this.#top = this.#at - height + 1;
    for (let y = 0; y < height; y++) this.#drawRow(surface, y, this.#top + y, look, isFocused);
  }

  hints(): readonly { readonly key: string; readonly title: SafeText }[] {
    if (this.#at >= this.#items.length) return [{ key: 'enter', title: safeText('Add') }];
    return [
      { key: 'alt+up/alt+down', title: safeText('Move') },
      { key: 'delete', title: safeText('Remove') },
    ];
  }

  #drawRow(surface: Surface, y: number, index: number, look: Style, isFocused: boolean): void {
    const isSelected = index === this.#at;
    surface.text(0, y, safeText(isSelected ? '▸' : ' '), { ...ground, fg: 'focusBorder' });
    if (index === this.#shown.length) {
      this.#entry.draw(surface.area(2, y, surface.width - 2, 1), isFocused && isSelected);
      return;
    }
    const item = this.#shown[index];
    if (item === undefined) return;
    const number = this.#shown.length > 1 ? `${index + 1} ` : '';
    const text = safeText(`${number}${safeText(item, 500)}`, 600);
    surface.text(2, y, cutSafe(text, surface.width - 2), { ...look, bold: isSelected });
    if (isFocused && isSelected) surface.cursor(2, y);
  }

  /** What is seen: the items, or the default as long as nothing is given. */
  get #shown(): readonly string[] {
    const { fallback } = this.#spec.argument;
    if (this.#isGiven || !Array.isArray(fallback)) return this.#items;
    return fallback.map((item) => typedForm(item));
  }

  /** The default is edited like any list, but it is given only once something has changed. */
  #adopt(): void {
    if (!this.#isGiven) this.#items = this.#shown;
  }

  #change(items: readonly string[]): void {
    this.#items = items.slice(0, mostItems);
    this.#isGiven = true;
    this.#odd = undefined;
  }

  #insert(parts: readonly string[]): void {
    if (parts.length === 0) return;
    // The first thing that is added to a default replaces nothing of it.
    this.#adopt();
    const at = Math.min(this.#at, this.#items.length);
    const isLast = at >= this.#items.length;
    this.#change([...this.#items.slice(0, at), ...parts, ...this.#items.slice(at)]);
    this.#at = isLast ? this.#items.length : at + parts.length;
  }

  /** Takes what stands in the row that adds. Answers whether anything did. */
  #commit(): boolean {
    const parts = this.#parts(this.#entry.value);
    this.#entry.value = '';
    if (parts.length === 0) return false;
    this.#adopt();
    this.#at = this.#items.length;
    this.#insert(parts);
    return true;
  }

  #select(at: number): boolean {
    this.#adopt();
    if (at < 0 || at > this.#items.length) return false;
    this.#at = at;
    return true;
  }

  #shift(by: 1 | -1): boolean {
    const to = this.#at + by;
    const item = this.#items[this.#at];
    const other = this.#items[to];
    if (item === undefined || other === undefined) return true;
    this.#change(this.#items.with(this.#at, other).with(to, item));
    this.#at = to;
    return true;
  }

  #remove(): boolean {
    this.#change(this.#items.toSpliced(this.#at, 1));
    this.#at = Math.min(this.#at, this.#items.length);
    return true;
  }

  #parts(text: string): readonly string[] {
    const { separator } = this.#spec.argument;
    const parts = separator === null || separator === '' ? [text] : text.split(separator);
    return parts.map((part) => part.trim()).filter((part) => part !== '');
  }
}
