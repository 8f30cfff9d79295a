import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Key, Mouse, Style, Surface, Widget } from '../../contract.ts';
import { keyName } from '../../keys/key-name.ts';
import { TextEdit } from './text-edit.ts';
import { applyTextKey, isTyping } from './text-keys.ts';

export interface TextFieldOptions {
  readonly value?: string;
  /** Shown dim while nothing is typed. */
  readonly placeholder?: string;
  /** Shows a dot for each letter, has no undo and no words. Default is `false`. */
  readonly secret?: boolean;
  /** UTF-16 units that it holds at most. Default is 4,096. */
  readonly maxLength?: number;
  /** What parts lines that are pasted. Default is a blank; a secret keeps its lines. */
  readonly join?: string;
  readonly onChange?: () => void;
}

/** A letter as it is drawn: one that acts or cannot be seen is several columns wide. */
interface Shown {
  readonly text: SafeText;
  readonly columns: number;
}

const dot: Shown = { text: safeText('•'), columns: 1 };
const more = safeText('…');
const ground: Style = { fg: 'input.foreground', bg: 'input.background' };
const dimmed: Style = { fg: 'input.placeholderForeground', bg: 'input.background', dim: true };

/** One line that is typed. Keeps what it was given as it is, also what cannot be shown; draws only what is safe. */
export class TextField implements Widget {
  readonly #edit: TextEdit;
  readonly #isSecret: boolean;
  readonly #join: string;
  readonly #onChange: () => void;
  placeholder: string;
  #shown: readonly Shown[] = [];
  /** First letter that is seen. */
  #scroll = 0;

  constructor(options: TextFieldOptions = {}) {
    this.#isSecret = options.secret === true;
    this.#edit = new TextEdit(options.maxLength ?? 4096, !this.#isSecret);
    this.#join = options.join ?? ' ';
    this.#onChange = options.onChange ?? (() => {});
    this.placeholder = options.placeholder ?? '';
    this.value = options.value ?? '';
  }

  get value(): string {
    return this.#edit.text;
  }

  /** Puts the cursor at the end and forgets what could be undone. Tells nobody. */
  set value(text: string) {
    this.#edit.reset(text);
    this.#scroll = 0;
    this.#show();
  }

  /** Letters before the cursor. */
  get cursor(): number {
    return this.#edit.cursor;
  }

  get length(): number {
    return this.#edit.length;
  }

  get selection(): readonly [from: number, to: number] {
    return this.#edit.selection;
  }

  selectAll(): void {
    this.#edit.moveTo(0, false);
    this.#edit.moveTo(this.#edit.length, true);
  }

  /** Types text at the cursor, in place of what is selected. */
  insert(text: string): void {
    if (this.#edit.insert(text)) this.#changed();
  }

  key(key: Key): boolean {
    const name = keyName(key.name);
    const effect = applyTextKey(this.#edit, name);
    if (effect === 'changed') this.#changed();
    if (effect !== null) return true;
    // Some terminals tell that shift was held while a blank was typed.
    const text = name === 'shift+space' ? ' ' : key.text;
    if (text === null || !isTyping(name)) return false;
    this.insert(text);
    return true;
  }

  paste(text: string): boolean {
    const whole = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '');
    this.insert(this.#isSecret ? whole : whole.replace(/\n+/g, this.#join));
    return true;
  }

  mouse(event: Mouse): boolean {
    if (event.button !== 'left' || (event.action !== 'press' && event.action !== 'drag')) return false;
    let stop = this.#scroll;
    let column = 0;
    for (; stop < this.#shown.length; stop++) {
      column += this.#shown[stop]?.columns ?? 0;
      if (column > event.x) break;
    }
    this.#edit.moveTo(stop, event.action === 'drag');
    return true;
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { width } = surface;
    surface.fill(0, 0, width, 1, ground);
    if (this.#edit.length === 0) {
      surface.area(0, 0, width, 1).text(0, 0, safeText(this.placeholder, 512), dimmed);
      if (isFocused) surface.cursor(0, 0);
      return;
    }
    if (!isFocused) this.#scroll = 0;
    else this.#reveal(width);
    this.#drawLetters(surface.area(0, 0, width, 1), isFocused);
  }

  #drawLetters(surface: Surface, isFocused: boolean): void {
    const { width } = surface;
    const { cursor, selection } = this.#edit;
    let column = 0;
    let index = this.#scroll;
    for (; index < this.#shown.length && column < width; index++) {
      const letter = this.#shown[index] ?? dot;
      if (isFocused && index === cursor) surface.cursor(column, 0);
      const isSelected = isFocused && index >= selection[0] && index < selection[1];
      surface.text(column, 0, letter.text, isSelected ? { ...ground, inverse: true } : ground);
      column += letter.columns;
    }
    if (isFocused && cursor === this.#shown.length && index === cursor) surface.cursor(column, 0);
    if (width < 4) return;
    // In a narrow field the cursor may stand where the mark would: its letter goes first.
    if (this.#scroll > 0 && !(isFocused && cursor === this.#scroll)) surface.text(0, 0, more, dimmed);
    if (index < this.#shown.length || column > width) surface.text(width - 1, 0, more, dimmed);
  }

  /** Scrolls as little as is needed to see the cursor, which never stands on a mark of what was cut. */
  #reveal(width: number): void {
    const { cursor } = this.#edit;
    const margin = width >= 4 ? 1 : 0;
    this.#scroll = Math.min(this.#scroll, Math.max(0, cursor - margin));
    const isLast = cursor === this.#shown.length;
    // Room for what stands under the cursor, and beside it for the mark.
    const needed = isLast
      ? 1
      : Math.max(1, this.#shown[cursor]?.columns ?? 1) + (cursor + 1 < this.#shown.length ? margin : 0);
    let used = 0;
    let first = cursor;
    while (first > 0) {
      const columns = this.#shown[first - 1]?.columns ?? 0;
      if (used + columns + needed > width) break;
      used += columns;
      first -= 1;
    }
    this.#scroll = Math.max(this.#scroll, Math.min(first, cursor));
  }

  #show(): void {
    const { text, stops } = this.#edit;
    const count = stops.length - 1;
    if (this.#isSecret) {
      this.#shown = Array.from({ length: count }, () => dot);
      return;
    }
    this.#shown = Array.from({ length: count }, (_, index) => {
      const shown = safeText(text.slice(stops[index], stops[index + 1]), 256);
      return { text: shown, columns: displayWidth(shown) };
    });
  }

  #changed(): void {
    this.#show();
    this.#onChange();
  }
}
