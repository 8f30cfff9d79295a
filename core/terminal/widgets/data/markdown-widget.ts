import type { MarkdownView, Plain } from '@holdfast/api';
import type { Key, Mouse, Surface } from '../../contract.ts';
import type { Hint } from '../../workbench/contract.ts';
import { drawTitle } from './caption.ts';
import type { DataWidget, ViewEnv } from './data-widget.ts';
import { markdownLines } from './markdown-lines.ts';
import { drawScrollBar } from './scroll-bar.ts';
import { Scroller } from './scroller.ts';
import { drawLine, type Line } from './spans.ts';
import { Stored } from './stored.ts';

/** Lines longer than this tire the eye. */
const widest = 100;

/** Prose: what a command says in sentences, a walkthrough, a page of help. */
export class MarkdownWidget implements DataWidget {
  readonly #env: ViewEnv;
  readonly #scroller = new Scroller();
  #view: MarkdownView = { kind: 'markdown', title: '', text: '' };
  #made: { readonly width: number; readonly lines: readonly Line[] } | null = null;

  constructor(env: ViewEnv) {
    this.#env = env;
  }

  set(view: MarkdownView): void {
    if (view.text !== this.#view.text) this.#made = null;
    this.#view = view;
    this.#env.invalidate();
  }

  get row(): string | null {
    return null;
  }

  get marked(): readonly string[] {
    return [];
  }

  get isTyping(): boolean {
    return false;
  }

  get wantsFocus(): boolean {
    return this.#scroller.canScroll;
  }

  hints(): readonly Hint[] {
    return [];
  }

  heightFor(width: number): number {
    return (this.#view.title === '' ? 0 : 1) + this.#lines(width).length;
  }

  state(): Plain {
    return { top: this.#scroller.top };
  }

  restore(state: Plain): void {
    const top = new Stored(state).number('top') ?? 0;
    this.#scroller.fit(this.#scroller.height, Math.max(this.#scroller.length, top + 1));
    this.#scroller.scrollTo(top);
  }

  draw(surface: Surface): void {
    const at = drawTitle(surface, this.#view.title);
    const lines = this.#lines(surface.width);
    this.#scroller.fit(surface.height - at, lines.length);
    const x = left(surface.width);
    for (let row = 0; row < this.#scroller.height; row++) {
      const line = lines[this.#scroller.top + row];
      if (line !== undefined) drawLine(surface, x, at + row, line);
    }
    if (surface.width > 4) drawScrollBar(surface, surface.width - 1, at, this.#scroller);
  }

  key(key: Key): boolean {
    return this.#scroller.key(key);
  }

  mouse({ action }: Mouse): boolean {
    return this.#scroller.wheel(action);
  }

  #lines(width: number): readonly Line[] {
    const room = Math.max(1, Math.min(widest, width - left(width) - 1));
    if (this.#made?.width !== room) this.#made = { width: room, lines: markdownLines(this.#view.text, room) };
    return this.#made.lines;
  }
}

const left = (width: number): number => (width < 20 ? 0 : 2);
