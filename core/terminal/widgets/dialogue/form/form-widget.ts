import type { JsonSchema, Plain } from '@holdfast/api';
import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import type { Choice } from '../../../../shell/desk/contract.ts';
import type { Key, Mouse, Surface, Widget } from '../../../contract.ts';
import { keyName } from '../../../keys/key-name.ts';
import { cutSafe } from '../line-break.ts';
import { specsOf } from './field-spec.ts';
import { type Block, blocksOf, drawBlock } from './form-blocks.ts';
import { columnsOf } from './form-look.ts';
import { FormRow, type RowEffect } from './form-row.ts';
import { gather, isNeeded } from './form-values.ts';

type Values = Readonly<Record<string, Plain>>;

export interface FormEnv {
  invalidate(): void;
  /** Choices of an argument, given the others but for secrets. A property of an object is named `lock.days`. */
  choices(argument: string, given: Values): Promise<readonly Choice[]>;
  /** A person changed a value. */
  onChange(): void;
  /** Enter, with nothing missing and nothing wrong. */
  onSubmit(): void;
}

/** What is wrong with a field, to be told away from it. */
export interface FormProblem {
  readonly name: string;
  readonly text: string;
}

/** A form made from the JSON schema of a command's arguments or of a plugin's settings: the same fields and the same checks as everywhere else. */
export class FormWidget implements Widget {
  readonly #env: FormEnv;
  #rows: readonly FormRow[] = [];
  #current = 0;
  /** Whether the cursor is in another form of the same page. */
  #isLeft = false;
  #top = 0;
  /** What was drawn where, for the mouse. */
  #blocks: readonly Block[] = [];

  constructor(env: FormEnv) {
    this.#env = env;
  }

  /**
   * Asks for something, or for something else: what a person typed stays where it is still asked for in the same way.
   * @param values What the fields hold at first; a default is not among them.
   * @param positionals Names that come first.
   */
  set(schema: JsonSchema, values: Values, positionals: readonly string[] = []): void {
    const current = this.#row?.spec.name;
    const before = new Map(this.#rows.map((row) => [row.spec.name, row]));
    this.#rows = specsOf(schema, positionals).map((spec) => {
      const old = before.get(spec.name);
      const isTyped = old?.isTouched === true && !old.isEmpty;
      if (isTyped && JSON.stringify(old.spec.schema) === JSON.stringify(spec.schema)) return old;
      const row = new FormRow(spec, () => this.#env.invalidate());
      // A secret never becomes a text that is shown.
      const isKept = isTyped && (old.spec.kind !== 'secret' || spec.kind === 'secret');
      row.isTouched = isKept;
      row.editor.load(isKept ? old.value : valueAt(values, spec.path));
      return row;
    });
    const kept = this.#rows.findIndex(({ spec }) => spec.name === current);
    // What is left stays left: a page that asks for something else moves nobody's cursor.
    this.#current = Math.max(0, kept >= 0 ? kept : this.#firstToFill());
    if (before.size === 0 || kept < 0) this.#top = 0;
    if (!this.#isLeft && (kept < 0 || this.#row !== before.get(current ?? ''))) this.#row?.enter('below');
    this.#ask();
  }

  /** What was given, by name; defaults are left to the command. Values that do not fit are there as they were typed. */
  get values(): Record<string, Plain> {
    return gather(this.#rows);
  }

  get problems(): readonly FormProblem[] {
    return this.#rows.flatMap((row) => {
      const problem = row.problem ?? (this.#isMissing(row) ? 'is needed' : null);
      return problem === null ? [] : [{ name: row.spec.name, text: `${row.spec.label} ${problem}` }];
    });
  }

  get isComplete(): boolean {
    return this.#rows.every((row) => row.problem === null && !this.#isMissing(row));
  }

  /** Name of the field that has the focus; `null` in an empty form. */
  get focused(): string | null {
    return this.#row?.spec.name ?? null;
  }

  /** The cursor goes elsewhere: no field is shown as the current one until a key, a paste or the mouse comes here again. */
  leave(): void {
    if (this.#isLeft) return;
    const row = this.#row;
    const value = JSON.stringify(row?.value);
    row?.leave();
    this.#isLeft = true;
    if (row !== undefined && JSON.stringify(row.value) !== value) this.#env.onChange();
  }

  /** Goes to a field. Answers whether there is one of that name. */
  focus(name: string): boolean {
    const index = this.#rows.findIndex(({ spec }) => spec.name === name);
    if (index >= 0) this.#go(index, 'below');
    return index >= 0;
  }

  /** Lines that all of it takes at a width. */
  rows(width: number): number {
    return this.#blocksAt(width).reduce((sum, { height }) => sum + height, 0);
  }

  hints(): readonly { readonly key: string; readonly title: SafeText }[] {
    const next = { key: 'tab', title: safeText('Next field') };
    return this.#row === undefined ? [] : [...this.#row.editor.hints(), ...(this.#rows.length > 1 ? [next] : [])];
  }

  key(key: Key): boolean {
    this.#comeBack();
    const row = this.#row;
    if (row === undefined) return false;
    const name = keyName(key.name);
    if (name === 'tab' || name === 'shift+tab') return this.#step(name === 'tab' ? 1 : -1, true);
    const effect = row.key(key);
    if (effect !== 'none') return this.#after(effect);
    if (name === 'enter' || name === 'ctrl+enter') return this.#submit();
    if (name === 'up' || name === 'down') return this.#step(name === 'down' ? 1 : -1, false);
    return false;
  }

  paste(text: string): boolean {
    this.#comeBack();
    const effect = this.#row?.paste(text) ?? 'none';
    return effect !== 'none' && this.#after(effect);
  }

  mouse(event: Mouse): boolean {
    if (event.action === 'wheel-up' || event.action === 'wheel-down') {
      return this.#step(event.action === 'wheel-up' ? -1 : 1, false);
    }
    const y = event.y + this.#top;
    const block = this.#blocks.find((one) => y >= one.y && y < one.y + one.height);
    if (block === undefined || event.button !== 'left') return false;
    this.#comeBack();
    if (event.action === 'press') this.#go(block.index, 'below');
    const inBlock = y - block.y - block.valueRow;
    const offered = inBlock - block.row.editor.rows;
    const isOffer = offered >= 0 && offered < (block.row.offers?.rows ?? 0);
    if (block.index !== this.#current || (inBlock < 0 && !isOffer)) return true;
    const within = { ...event, x: event.x - block.columns.value, y: inBlock };
    if (within.x < 0 || (!isOffer && inBlock >= block.row.editor.rows)) return true;
    return this.#after(block.row.mouse(within, isOffer ? offered : null));
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { width, height } = surface;
    if (this.#rows.length === 0) {
      surface.text(2, 0, cutSafe(safeText('nothing to fill in'), width - 2), { fg: 'descriptionForeground' });
      return;
    }
    const blocks = this.#blocksAt(width);
    this.#blocks = blocks;
    const total = blocks.reduce((sum, block) => sum + block.height, 0);
    this.#reveal(blocks, height, total);
    for (const block of blocks) {
      const y = block.y - this.#top;
      if (y + block.height <= 0 || y >= height) continue;
      drawBlock(surface.area(0, y, Math.max(1, width - 1), block.height), block, isFocused);
    }
    const sign = { fg: 'descriptionForeground' } as const;
    if (this.#top > 0) surface.text(width - 1, 0, safeText('↑'), sign);
    if (this.#top + height < total) surface.text(width - 1, height - 1, safeText('↓'), sign);
  }

  #comeBack(): void {
    if (!this.#isLeft) return;
    this.#isLeft = false;
    this.#row?.enter('below');
  }

  get #row(): FormRow | undefined {
    return this.#rows[this.#current];
  }

  #blocksAt(width: number): readonly Block[] {
    const specs = this.#rows.map(({ spec }) => spec);
    return blocksOf(this.#rows, columnsOf(specs, width), this.#isLeft ? -1 : this.#current, (row) => ({
      isNeeded: isNeeded(row, this.#rows),
      isMissing: this.#isMissing(row),
    }));
  }

  /** Shows as much of the current field as there is room for, its cursor in any case. */
  #reveal(blocks: readonly Block[], height: number, total: number): void {
    const block = blocks[this.#current];
    if (block === undefined) return;
    const end = block.y + block.height;
    if (end > this.#top + height) this.#top = end - height;
    if (block.y < this.#top) this.#top = block.y;
    const cursor = block.y + block.valueRow + block.row.editor.row;
    if (cursor >= this.#top + height) this.#top = cursor - height + 1;
    this.#top = Math.max(0, Math.min(this.#top, Math.max(0, total - height)));
  }

  #isMissing(row: FormRow): boolean {
    return row.isEmpty && isNeeded(row, this.#rows);
  }

  #firstToFill(): number {
    return this.#rows.findIndex((row) => this.#isMissing(row) || row.problem !== null);
  }

  #after(effect: RowEffect): true {
    if (effect === 'changed') this.#env.onChange();
    this.#ask();
    this.#env.invalidate();
    return true;
  }

  #step(by: 1 | -1, wraps: boolean): boolean {
    const { length } = this.#rows;
    const to = this.#current + by;
    if (length === 0 || (!wraps && (to < 0 || to >= length))) return false;
    this.#go((to + length) % length, by > 0 ? 'above' : 'below');
    return true;
  }

  #go(index: number, from: 'above' | 'below'): void {
    if (index !== this.#current) {
      const before = this.#row;
      const value = JSON.stringify(before?.value);
      before?.leave();
      this.#current = index;
      this.#isLeft = false;
      this.#row?.enter(from);
      if (before !== undefined && JSON.stringify(before.value) !== value) this.#env.onChange();
    }
    this.#comeBack();
    this.#ask();
    this.#env.invalidate();
  }

  /** Sends the form, or goes to what is still to be filled in. */
  #submit(): true {
    if (this.isComplete) {
      this.#env.onSubmit();
      return true;
    }
    for (const row of this.#rows) {
      if (this.#isMissing(row) && row === this.#row) row.wasVisited = true;
    }
    const isOpen = (row: FormRow): boolean => this.#isMissing(row) || row.problem !== null;
    const after = [...this.#rows.slice(this.#current + 1), ...this.#rows.slice(0, this.#current)].find(isOpen);
    const row = after ?? this.#row;
    this.#go(row === undefined ? 0 : this.#rows.indexOf(row), 'below');
    return true;
  }

  /** Something changed elsewhere: what there is to choose from is asked for again. */
  refreshChoices(): void {
    for (const row of this.#rows) row.offers?.forget();
    this.#ask();
  }

  /** Asks for the choices of the current field, once for each state of the others. */
  #ask(): void {
    const row = this.#row;
    if (row === undefined || row.offers === null) return;
    // Nobody needs a secret to tell what there is to choose from.
    const values = gather(this.#rows.filter((other) => other !== row && other.spec.kind !== 'secret'));
    row.askChoices(JSON.stringify(values), () => this.#env.choices(row.spec.name, values));
  }
}

function valueAt(values: Values, path: readonly string[]): Plain {
  let value: Plain = values;
  for (const part of path) {
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isRecord || !Object.hasOwn(value as object, part)) return undefined;
    value = (value as Values)[part];
  }
  return value;
}
