import type { Plain } from '@holdfast/api';
import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import type { Key, Mouse, Style, Surface } from '../../../contract.ts';
import { keyName } from '../../../keys/key-name.ts';
import type { Editor } from './editor.ts';
import type { FieldSpec } from './field-spec.ts';
import { typedForm } from './shown-value.ts';

const given: Style = { fg: 'input.foreground' };
const byDefault: Style = { fg: 'input.placeholderForeground', dim: true };

/** Edits a yes or no: blank turns it over, `y` and `n` say it, backspace goes back to the default. */
export class ToggleEditor implements Editor {
  readonly #fallback: boolean;
  #value: Plain = undefined;

  constructor(spec: FieldSpec) {
    this.#fallback = spec.argument.fallback === true;
  }

  get value(): Plain {
    return this.#value;
  }

  load(value: Plain): void {
    this.#value = value === null ? undefined : value;
  }

  readonly query = null;
  readonly rows = 1;
  readonly row = 0;

  accept(): void {}
  enter(): void {}
  leave(): void {}

  key(key: Key): boolean {
    const name = keyName(key.name);
    const isOn = typeof this.#value === 'boolean' ? this.#value : this.#fallback;
    if (name === 'space' || name === 'left' || name === 'right' || name === 'x') this.#value = !isOn;
    else if (name === 'y' || name === 'n') this.#value = name === 'y';
    else if (name === 'backspace' || name === 'delete') this.#value = undefined;
    else return false;
    return true;
  }

  paste(): boolean {
    return false;
  }

  mouse(event: Mouse): void {
    const isOn = typeof this.#value === 'boolean' ? this.#value : this.#fallback;
    if (event.action === 'press') this.#value = !isOn;
  }

  draw(surface: Surface, isCurrent: boolean, isFocused: boolean): void {
    const isOdd = this.#value !== undefined && typeof this.#value !== 'boolean';
    const isOn = this.#value ?? this.#fallback;
    const text = isOdd ? safeText(typedForm(this.#value), 200) : safeText(isOn === true ? '[x] yes' : '[ ] no');
    const look = this.#value === undefined ? byDefault : given;
    surface.text(0, 0, text, { ...look, bold: isCurrent });
    if (isFocused) surface.cursor(1, 0);
  }

  hints(): readonly { readonly key: string; readonly title: SafeText }[] {
    return [{ key: 'space', title: safeText('Yes or no') }];
  }
}
