import type { Plain, View } from '@holdfast/api';
import type { Key, Mouse, Surface } from '../../contract.ts';
import type { Hint } from '../../workbench/contract.ts';
import type { DataWidget, ViewEnv } from './data-widget.ts';
import { openPart } from './part.ts';
import { StackWidget } from './stack-widget.ts';
import { Stored } from './stored.ts';

export type { ViewEnv } from './data-widget.ts';

interface Shown {
  readonly kind: View['kind'];
  readonly widget: DataWidget;
  set(view: View): void;
}

function open(view: View, env: ViewEnv): Shown {
  if (view.kind !== 'stack') {
    const part = openPart(view, env);
    return { kind: view.kind, widget: part.widget, set: (next) => next.kind !== 'stack' && part.set(next) };
  }
  const widget = new StackWidget(env);
  return { kind: 'stack', widget, set: (next) => next.kind === 'stack' && widget.set(next) };
}

/** Draws any view of the API. What a person chose stays while the view is of the same kind; before the first one it is empty. */
export class ViewWidget implements DataWidget {
  readonly #env: ViewEnv;
  #shown: Shown | null = null;
  /** State to take up when the first view comes. */
  #kept: Plain = null;

  constructor(env: ViewEnv) {
    this.#env = env;
  }

  set(view: View): void {
    const isOther = this.#shown?.kind !== view.kind;
    if (isOther) this.#shown = open(view, this.#env);
    this.#shown?.set(view);
    if (isOther) this.#takeUp();
    this.#env.invalidate();
  }

  /** Kind of what is shown; `null` before the first view. */
  get kind(): View['kind'] | null {
    return this.#shown?.kind ?? null;
  }

  get row(): string | null {
    return this.#shown?.widget.row ?? null;
  }

  get marked(): readonly string[] {
    return this.#shown?.widget.marked ?? [];
  }

  /** Whether keys are being typed into a filter or a search: no shortcut may take them away. */
  get isTyping(): boolean {
    return this.#shown?.widget.isTyping ?? false;
  }

  get wantsFocus(): boolean {
    return this.#shown?.widget.wantsFocus ?? false;
  }

  hints(): readonly Hint[] {
    return this.#shown?.widget.hints() ?? [];
  }

  heightFor(width: number): number {
    return this.#shown?.widget.heightFor(width) ?? 0;
  }

  state(): Plain {
    if (this.#shown === null) return this.#kept;
    return { kind: this.#shown.kind, state: this.#shown.widget.state() };
  }

  restore(state: Plain): void {
    this.#kept = state;
    this.#takeUp();
  }

  draw(surface: Surface, isFocused: boolean): void {
    this.#shown?.widget.draw(surface, isFocused);
  }

  key(key: Key): boolean {
    return this.#shown?.widget.key?.(key) ?? false;
  }

  paste(text: string): boolean {
    return this.#shown?.widget.paste?.(text) ?? false;
  }

  mouse(event: Mouse): boolean {
    return this.#shown?.widget.mouse?.(event) ?? false;
  }

  #takeUp(): void {
    if (this.#shown === null || this.#kept === null) return;
    const stored = new Stored(this.#kept);
    this.#kept = null;
    if (stored.text('kind') === this.#shown.kind) this.#shown.widget.restore(stored.field('state'));
  }
}
