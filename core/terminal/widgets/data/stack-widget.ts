import type { Plain, StackView, View } from '@holdfast/api';
import type { Key, Mouse, Surface } from '../../contract.ts';
import type { Hint } from '../../workbench/contract.ts';
import { drawTitle } from './caption.ts';
import type { DataWidget, ViewEnv } from './data-widget.ts';
import { type FlatView, openPart, type Part } from './part.ts';
import { drawScrollBar } from './scroll-bar.ts';
import { Scroller } from './scroller.ts';
import { between, shareRows } from './stack-layout.ts';
import { Stored } from './stored.ts';

const deepest = 16;
const mostParts = 200;
const elastic: ReadonlySet<string> = new Set(['table', 'tree', 'log']);

/** A view of the stack, and where it was drawn last, counted from the top of the whole. */
interface Placed {
  readonly part: Part;
  readonly title: string;
  top: number;
  rows: number;
}

function flat(view: View, depth = 0): readonly FlatView[] {
  if (view.kind !== 'stack') return [view];
  return depth > deepest ? [] : view.views.flatMap((inner) => flat(inner, depth + 1));
}

/** Views below one another. One of them has the focus; where there is no room for all, the whole scrolls. */
export class StackWidget implements DataWidget {
  readonly #env: ViewEnv;
  readonly #scroller = new Scroller();
  #title = '';
  #placed: readonly Placed[] = [];
  #focus = 0;
  #kept: Plain = null;
  #isRevealing = false;
  #bodyAt = 0;

  constructor(env: ViewEnv) {
    this.#env = env;
  }

  set(view: StackView): void {
    this.#title = view.title;
    // Also the one that has the focus only because nobody chose another: what comes above it does not take it away.
    const focused = this.#focused;
    const old = [...this.#placed];
    this.#placed = flat(view)
      .slice(0, mostParts)
      .map((inner) => {
        // The same view as before keeps what a person chose in it, wherever it stands now.
        const at = old.findIndex(({ part, title }) => part.kind === inner.kind && title === inner.title);
        const placed = at < 0 ? undefined : old.splice(at, 1)[0];
        const part = placed?.part ?? openPart(inner, this.#env);
        part.set(inner);
        return { part, title: inner.title, top: placed?.top ?? 0, rows: placed?.rows ?? 0 };
      });
    if (this.#kept !== null && this.#placed.length > 0) this.restore(this.#kept);
    const at = this.#placed.findIndex(({ part }) => part === focused);
    if (at >= 0) this.#focus = at;
    this.#env.invalidate();
  }

  get row(): string | null {
    return this.#focused?.widget.row ?? null;
  }

  get marked(): readonly string[] {
    return this.#focused?.widget.marked ?? [];
  }

  get isTyping(): boolean {
    return this.#focused?.widget.isTyping ?? false;
  }

  get wantsFocus(): boolean {
    return this.#scroller.canScroll || this.#placed.some(({ part }) => part.widget.wantsFocus);
  }

  hints(): readonly Hint[] {
    return this.#focused?.widget.hints() ?? [];
  }

  heightFor(width: number): number {
    const rows = this.#placed.reduce((sum, { part }) => sum + part.widget.heightFor(width), 0);
    return (this.#title === '' ? 0 : 1) + rows + between * Math.max(0, this.#placed.length - 1);
  }

  state(): Plain {
    if (this.#kept !== null) return this.#kept;
    const parts = this.#placed.map(({ part, title }) => ({ kind: part.kind, title, state: part.widget.state() }));
    return { focus: this.#focus, top: this.#scroller.top, parts };
  }

  restore(state: Plain): void {
    this.#kept = this.#placed.length === 0 ? state : null;
    const stored = new Stored(state);
    const parts = stored.field('parts');
    const left = Array.isArray(parts) ? parts.map((part: Plain) => new Stored(part)) : [];
    for (const { part, title } of this.#placed) {
      const at = left.findIndex((one) => one.text('kind') === part.kind && one.text('title') === title);
      const found = at < 0 ? undefined : left.splice(at, 1)[0];
      if (found !== undefined) part.widget.restore(found.field('state'));
    }
    this.#focus = Math.max(0, Math.trunc(stored.number('focus') ?? 0));
    const top = stored.number('top') ?? 0;
    this.#scroller.fit(this.#scroller.height, Math.max(this.#scroller.length, top + 1));
    this.#scroller.scrollTo(top);
  }

  draw(surface: Surface, isFocused: boolean): void {
    this.#bodyAt = drawTitle(surface, this.#title);
    const height = Math.max(0, surface.height - this.#bodyAt);
    const isTaller = this.#layOut(surface.width, height) > height;
    // The scroll bar of the whole has a column of its own, beside those of the parts.
    const width = isTaller ? Math.max(1, surface.width - 2) : surface.width;
    const length = isTaller ? this.#layOut(width, height) : height;
    this.#scroller.fit(height, length);
    if (this.#isRevealing) this.#reveal();
    const body = surface.area(0, this.#bodyAt, surface.width, height);
    const focus = this.#focused;
    for (const { part, top, rows } of this.#placed) {
      const y = top - this.#scroller.top;
      if (y + rows <= 0 || y >= height) continue;
      part.widget.draw(body.area(0, y, width, rows), isFocused && part === focus);
    }
    if (isTaller && surface.width > 4) drawScrollBar(body, surface.width - 1, 0, this.#scroller);
  }

  key(key: Key): boolean {
    const focused = this.#focused;
    if (focused?.widget.isTyping === true) return focused.widget.key?.(key) ?? false;
    if (key.name === 'tab') return this.#turn(1, true);
    if (key.name === 'shift+tab') return this.#turn(-1, true);
    if (focused?.widget.key?.(key) === true) return true;
    // At the end of one view the next one goes on.
    if ((key.name === 'down' || key.name === 'j') && this.#turn(1, false)) return true;
    if ((key.name === 'up' || key.name === 'k') && this.#turn(-1, false)) return true;
    return key.name !== 'space' && this.#scroller.key(key);
  }

  paste(text: string): boolean {
    return this.#focused?.widget.paste?.(text) ?? false;
  }

  mouse(event: Mouse): boolean {
    const y = event.y - this.#bodyAt + this.#scroller.top;
    const at = this.#placed.findIndex(({ top, rows }) => y >= top && y < top + rows);
    const hit = this.#placed[at];
    if (hit !== undefined) {
      const wasFocused = hit.part === this.#focused;
      if (event.action === 'press' && hit.part.widget.wantsFocus) this.#focus = at;
      if (hit.part.widget.mouse?.({ ...event, y: y - hit.top }) === true) return true;
      if (event.action === 'press') return !wasFocused;
    }
    return this.#scroller.wheel(event.action);
  }

  /** The part that has the focus: the one chosen, or the first that can have it. */
  get #focused(): Part | undefined {
    const chosen = this.#placed[this.#focus]?.part;
    if (chosen?.widget.wantsFocus === true) return chosen;
    return this.#placed.find(({ part }) => part.widget.wantsFocus)?.part ?? chosen;
  }

  /** Says where each part stands; answers the rows of all. */
  #layOut(width: number, height: number): number {
    const wishes = this.#placed.map(({ part }) => ({
      rows: part.widget.heightFor(width),
      isElastic: elastic.has(part.kind),
    }));
    const rows = shareRows(wishes, height);
    let top = 0;
    for (const [at, placed] of this.#placed.entries()) {
      placed.top = top;
      placed.rows = rows[at] ?? 1;
      top += placed.rows + between;
    }
    const used = Math.max(0, top - between);
    // A log grows: it gets the rest of the room at once.
    const last = this.#placed.at(-1);
    if (last?.part.kind === 'log' && used < height) last.rows += height - used;
    return Math.max(used, last === undefined ? 0 : last.top + last.rows);
  }

  #turn(by: 1 | -1, isRound: boolean): boolean {
    const count = this.#placed.length;
    const from = this.#placed.findIndex(({ part }) => part === this.#focused);
    for (let step = 1; step < count; step++) {
      const next = from + by * step;
      if (!isRound && (next < 0 || next >= count)) return false;
      const at = ((next % count) + count) % count;
      if (this.#placed[at]?.part.widget.wantsFocus !== true) continue;
      this.#focus = at;
      this.#isRevealing = true;
      this.#env.invalidate();
      return true;
    }
    return false;
  }

  /** Scrolls as little as is needed to see what has the focus, from its beginning. */
  #reveal(): void {
    this.#isRevealing = false;
    const placed = this.#placed.find(({ part }) => part === this.#focused);
    if (placed === undefined) return;
    const { top, height } = this.#scroller;
    if (placed.top + placed.rows > top + height) this.#scroller.scrollTo(placed.top + placed.rows - height);
    if (placed.top < this.#scroller.top) this.#scroller.scrollTo(placed.top);
  }
}
