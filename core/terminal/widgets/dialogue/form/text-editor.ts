import type { Plain } from '@holdfast/api';
import type { Key, Mouse, Surface } from '../../../contract.ts';
import { TextField } from '../text-field.ts';
import type { Editor } from './editor.ts';
import type { FieldSpec } from './field-spec.ts';
import { typedForm } from './shown-value.ts';

const numeral = /^[+-]?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})(?:e[+-]?\d{1,3})?$/i;
const longest = 65_536;

/** Edits a text, a number, a secret, or JSON: one line. */
export class TextEditor implements Editor {
  readonly #spec: FieldSpec;
  readonly #field: TextField;
  /** What was given, as long as nobody has typed: it may be of another type than the field has. */
  #given: Plain = undefined;
  #givenText = '';

  constructor(spec: FieldSpec) {
    this.#spec = spec;
    const isSecret = spec.kind === 'secret';
    const { fallback } = spec.argument;
    const placeholder = isSecret ? 'what you type is not shown' : typedForm(fallback);
    this.#field = new TextField({ secret: isSecret, placeholder, maxLength: longest });
  }

  get value(): Plain {
    const text = this.#field.value;
    if (text === this.#givenText && this.#given !== undefined) return this.#given;
    if (text === '') return undefined;
    return meantBy(this.#spec, text);
  }

  load(value: Plain): void {
    this.#given = value === null || value === '' ? undefined : value;
    this.#givenText = typedForm(value);
    this.#field.value = this.#givenText;
    // A text that was longer than a field holds is kept as long as it is not touched.
    this.#givenText = this.#field.value;
  }

  get query(): string | null {
    return this.#spec.kind === 'text' ? this.#field.value : null;
  }

  accept(value: string): void {
    this.#given = undefined;
    this.#field.value = value;
  }

  key(key: Key): boolean {
    return this.#field.key(key);
  }

  paste(text: string): boolean {
    return this.#field.paste(text);
  }

  mouse(event: Mouse): void {
    this.#field.mouse(event);
  }

  enter(): void {}
  leave(): void {}

  readonly rows = 1;
  readonly row = 0;

  draw(surface: Surface, _isCurrent: boolean, isFocused: boolean): void {
    this.#field.draw(surface, isFocused);
  }

  hints(): readonly [] {
    return [];
  }
}

/** What a text stands for in a field; the text itself while it fits no such value, so that nothing typed is lost. */
function meantBy({ kind, argument, schema }: FieldSpec, text: string): Plain {
  if (argument.type === 'integer' || argument.type === 'number') return numeral.test(text.trim()) ? Number(text) : text;
  if (kind === 'json' || schema.type === 'object') return fromJson(text);
  if (argument.type !== 'list') return text;
  // Only a secret list is typed in one piece.
  const parts = argument.separator === null || argument.separator === '' ? [text] : text.split(argument.separator);
  return parts.flatMap((part) => part.split('\n')).filter((part) => part !== '');
}

/** The value that a JSON text stands for; the text itself while it is none, so that nothing typed is lost. */
function fromJson(text: string): Plain {
  try {
    return JSON.parse(text) as Plain;
  } catch {
    return text;
  }
}
