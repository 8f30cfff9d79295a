import type { Plain } from '@holdfast/api';
import type { Choice } from '../../../../shell/desk/contract.ts';
import type { Key, Mouse } from '../../../contract.ts';
import { keyName } from '../../../keys/key-name.ts';
import type { Editor } from './editor.ts';
import { checkField, type FieldSpec } from './field-spec.ts';
import { makeEditor } from './make-editor.ts';
import { Offers } from './offers.ts';

/** What a key did: `none` means that it is the form's; `moved` changed no value. */
export type RowEffect = 'none' | 'moved' | 'changed';

const isAbsent = (value: Plain): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** One field: its editor, its choices, and what is wrong with it. */
export class FormRow {
  readonly spec: FieldSpec;
  readonly editor: Editor;
  readonly offers: Offers | null;
  /** A person has changed it. */
  isTouched = false;
  /** It had the focus and lost it, or the form was to be sent: what is missing is told from then on. */
  wasVisited = false;
  /** Why a choice was not taken. */
  refusal: string | null = null;
  #checked: { readonly value: Plain; readonly problem: string | null } | null = null;

  constructor(spec: FieldSpec, changed: () => void) {
    this.spec = spec;
    this.editor = makeEditor(spec);
    this.offers = this.editor.query === null ? null : new Offers(spec.argument.completes !== null, changed);
  }

  get value(): Plain {
    return this.editor.value;
  }

  get isEmpty(): boolean {
    return isAbsent(this.value);
  }

  /** What is wrong with what was given; `null` when nothing is or nothing was given. */
  get problem(): string | null {
    const { value } = this;
    if (isAbsent(value)) return null;
    if (this.#checked === null || this.#checked.value !== value) {
      this.#checked = { value, problem: checkField(this.spec, value) };
    }
    return this.#checked.problem;
  }

  enter(from: 'above' | 'below'): void {
    this.editor.enter(from);
  }

  leave(): void {
    this.editor.leave();
    this.offers?.close();
    this.refusal = null;
    this.wasVisited = true;
  }

  askChoices(given: string, ask: () => Promise<readonly Choice[]>): void {
    this.offers?.fetch(given, ask);
  }

  key(key: Key): RowEffect {
    this.refusal = null;
    const name = keyName(key.name);
    const taken = this.#keyOfOffers(name);
    if (taken !== 'none') return taken;
    const before = this.value;
    const query = this.editor.query;
    if (!this.editor.key(key)) return this.#opens(name) ? 'moved' : 'none';
    if (this.offers !== null && this.editor.query !== query) this.offers.type(this.editor.query ?? '');
    return this.#effect(before);
  }

  paste(text: string): RowEffect {
    const before = this.value;
    if (!this.editor.paste(text)) return 'none';
    this.offers?.type(this.editor.query ?? '');
    return this.#effect(before);
  }

  /** @param offered Row of the choices that was hit; `null` for the field itself. */
  mouse(event: Mouse, offered: number | null): RowEffect {
    const before = this.value;
    if (offered === null) this.editor.mouse(event);
    else if (event.action === 'press') {
      this.offers?.select(offered);
      this.#take();
    }
    return this.#effect(before);
  }

  #effect(before: Plain): RowEffect {
    const { value } = this;
    const isSame = value === before || JSON.stringify(value) === JSON.stringify(before);
    if (!isSame) this.isTouched = true;
    return isSame ? 'moved' : 'changed';
  }

  #keyOfOffers(name: string): RowEffect {
    const { offers } = this;
    if (offers?.isOpen !== true) return 'none';
    if (name === 'escape') offers.close();
    else if (name === 'down' || name === 'up') offers.move(name === 'down' ? 1 : -1);
    else if (name === 'pagedown' || name === 'pageup') offers.move(name === 'pagedown' ? 5 : -5);
    else if (name === 'enter') return this.#takeByEnter();
    else return 'none';
    return 'moved';
  }

  /** Enter on what is typed out already is the form's. */
  #takeByEnter(): RowEffect {
    const chosen = this.offers?.chosen ?? null;
    const isTyped = this.spec.kind === 'text' && chosen?.id === this.value;
    if (chosen === null || isTyped) {
      this.offers?.close();
      return 'none';
    }
    const before = this.value;
    this.#take();
    return this.#effect(before);
  }

  #take(): void {
    const chosen = this.offers?.chosen ?? null;
    if (chosen === null) return;
    if (typeof chosen.refused === 'string') {
      this.refusal = chosen.refused;
      return;
    }
    this.editor.accept(chosen.id);
    this.offers?.close();
  }

  /** Down in an empty field shows what there is to choose from. */
  #opens(name: string): boolean {
    return name === 'down' && this.editor.query === '' && (this.offers?.open('') ?? false);
  }
}
