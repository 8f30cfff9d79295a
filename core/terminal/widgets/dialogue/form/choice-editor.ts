import type { Plain } from '@holdfast/api';
import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import { displayWidth } from '../../../../shell/format/width.ts';
import type { Key, Mouse, Style, Surface } from '../../../contract.ts';
import { keyName } from '../../../keys/key-name.ts';
import { cutSafe } from '../line-break.ts';
import type { Editor } from './editor.ts';
import type { FieldSpec } from './field-spec.ts';
import { typedForm } from './shown-value.ts';

const plain: Style = { fg: 'input.foreground' };
const quiet: Style = { fg: 'input.placeholderForeground', dim: true };

/** Edits one of a few fixed values: left, right and blank go through them, a letter goes to the next that begins with it. */
export class ChoiceEditor implements Editor {
  readonly #options: readonly string[];
  readonly #fallback: string | null;
  #value: Plain = undefined;
  #places: readonly { readonly from: number; readonly to: number; readonly option: string }[] = [];

  constructor(spec: FieldSpec) {
    this.#options = spec.argument.options ?? [];
    const { fallback } = spec.argument;
    this.#fallback = fallback === undefined || fallback === null ? null : typedForm(fallback);
  }

  get value(): Plain {
    return this.#value;
  }

  load(value: Plain): void {
    this.#value = value === null || value === '' ? undefined : value;
  }

  readonly query = null;
  readonly rows = 1;
  readonly row = 0;

  accept(value: string): void {
    this.#value = value;
  }
  enter(): void {}
  leave(): void {}

  key(key: Key): boolean {
    const name = keyName(key.name);
    if (name === 'right' || name === 'space') this.#go(1);
    else if (name === 'left') this.#go(-1);
    else if (name === 'home') this.#value = this.#options[0];
    else if (name === 'end') this.#value = this.#options.at(-1);
    else if (name === 'backspace' || name === 'delete') this.#value = undefined;
    else if (key.text !== null && name.length === 1) return this.#jump(key.text.toLowerCase());
    else return false;
    return true;
  }

  /** A pasted value is taken when it is one of them. */
  paste(text: string): boolean {
    if (this.#options.includes(text.trim())) this.#value = text.trim();
    return true;
  }

  mouse(event: Mouse): void {
    if (event.action !== 'press') return;
    this.#value = this.#places.find(({ from, to }) => event.x >= from && event.x < to)?.option ?? this.#value;
  }

  draw(surface: Surface, isCurrent: boolean, isFocused: boolean): void {
    const chosen = this.#value === undefined ? this.#fallback : typedForm(this.#value);
    const look = this.#value === undefined ? quiet : plain;
    const all = this.#options.reduce((sum, option) => sum + displayWidth(safeText(option, 100)) + 3, 0);
    this.#places = [];
    if (!isCurrent || all > surface.width || (chosen !== null && !this.#options.includes(chosen))) {
      const text = chosen === null ? '‹ ›' : `‹${safeText(chosen, 100)}›`;
      surface.text(0, 0, cutSafe(safeText(text), surface.width), { ...look, bold: isCurrent });
      if (isFocused) surface.cursor(0, 0);
      return;
    }
    let x = 0;
    const places = [];
    for (const option of this.#options) {
      const isChosen = option === chosen;
      const text = safeText(isChosen ? `‹${safeText(option, 100)}›` : ` ${safeText(option, 100)} `);
      if (isFocused && isChosen) surface.cursor(x, 0);
      const taken = surface.text(x, 0, text, isChosen ? { ...look, bold: true } : quiet);
      places.push({ from: x, to: x + taken, option });
      x += taken + 1;
    }
    this.#places = places;
  }

  hints(): readonly { readonly key: string; readonly title: SafeText }[] {
    return [{ key: 'left/right', title: safeText('Choose') }];
  }

  #go(by: 1 | -1): void {
    const { length } = this.#options;
    if (length === 0) return;
    const at = this.#options.indexOf(this.#value === undefined ? (this.#fallback ?? '') : typedForm(this.#value));
    // From nothing, the first step to the left is the last one.
    const next = at < 0 && by < 0 ? length - 1 : (at + by + length) % length;
    this.#value = this.#options[next];
  }

  #jump(letter: string): boolean {
    const at = this.#options.indexOf(typedForm(this.#value));
    const after = [...this.#options.slice(at + 1), ...this.#options.slice(0, at + 1)];
    const found = after.find((option) => option.toLowerCase().startsWith(letter));
    if (found !== undefined) this.#value = found;
    return found !== undefined;
  }
}
