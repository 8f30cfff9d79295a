import { safeText } from '../../../model/text/safe-text.ts';
import type { Key, Mouse, Style, Surface, Widget } from '../../contract.ts';
import { keyName } from '../../keys/key-name.ts';

export type Pane = 'first' | 'second';

export interface SplitsOptions {
  /** `columns`: side by side; `rows`: one above the other. */
  readonly direction: 'columns' | 'rows';
  readonly first: Widget;
  readonly second: Widget;
  /** What the first pane gets of the room, 0 to 1. Default is a half. */
  readonly share?: number;
  /** Columns or rows that each pane needs at least. Default is 10 and 10, or 3 and 3. */
  readonly least?: readonly [first: number, second: number];
  /** Which pane goes where there is no room for both. Default is `second`. */
  readonly yields?: Pane;
  readonly invalidate: () => void;
}

interface Cut {
  readonly first: number;
  readonly second: number;
  /** Where the border is; -1 when only one pane is seen. */
  readonly border: number;
}

const line: Style = { fg: 'panel.border' };
const grabbed: Style = { fg: 'focusBorder', bold: true };
const step = 2;

/** Two panes and a border between them, which keys (`alt+shift` and an arrow) and the mouse move. `f6` goes to the other pane. */
export class Splits implements Widget {
  readonly #options: SplitsOptions;
  readonly #least: readonly [number, number];
  #share: number;
  #focus: Pane = 'first';
  #total = 0;
  #isGrabbed = false;
  #dragging: Pane | null = null;

  constructor(options: SplitsOptions) {
    this.#options = options;
    this.#share = Math.max(0, Math.min(1, options.share ?? 0.5));
    this.#least = options.least ?? (options.direction === 'columns' ? [10, 10] : [3, 3]);
  }

  /** To be remembered. */
  get share(): number {
    return this.#share;
  }

  /** The pane that gets keys. */
  get focused(): Pane {
    return this.#isHidden(this.#focus) ? other(this.#focus) : this.#focus;
  }

  set focused(pane: Pane) {
    this.#focus = pane;
  }

  /** Whether there is no room for a pane now. */
  #isHidden(pane: Pane): boolean {
    return this.#total > 0 && this.#cut(this.#total)[pane] === 0;
  }

  /** Moves the border by columns or rows, as far as both panes allow. Answers whether it moved. */
  moveBorder(by: number): boolean {
    const before = this.#cut(this.#total);
    if (before.border < 0) return false;
    return this.#moveTo(before.border + by);
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { direction, first, second } = this.#options;
    const isColumns = direction === 'columns';
    this.#total = isColumns ? surface.width : surface.height;
    const cut = this.#cut(this.#total);
    const area = (from: number, size: number): Surface =>
      isColumns ? surface.area(from, 0, size, surface.height) : surface.area(0, from, surface.width, size);
    const { focused } = this;
    if (cut.first > 0) first.draw(area(0, cut.first), isFocused && focused === 'first');
    if (cut.second > 0) second.draw(area(this.#total - cut.second, cut.second), isFocused && focused === 'second');
    if (cut.border < 0) return;
    const look = this.#isGrabbed ? grabbed : line;
    if (isColumns) surface.fill(cut.border, 0, 1, surface.height, look, safeText('│'));
    else surface.fill(0, cut.border, surface.width, 1, look, safeText('─'));
  }

  key(key: Key): boolean {
    if (this.#pane(this.focused).key?.(key) === true) return true;
    const name = keyName(key.name);
    const isColumns = this.#options.direction === 'columns';
    if (name === 'f6') return this.#toggle();
    if (name === (isColumns ? 'alt+shift+left' : 'alt+shift+up')) return this.moveBorder(-step);
    if (name === (isColumns ? 'alt+shift+right' : 'alt+shift+down')) return this.moveBorder(step);
    return false;
  }

  paste(text: string): boolean {
    return this.#pane(this.focused).paste?.(text) ?? false;
  }

  mouse(event: Mouse): boolean {
    const at = this.#options.direction === 'columns' ? event.x : event.y;
    const cut = this.#cut(this.#total);
    if (event.action === 'press') {
      this.#isGrabbed = at === cut.border;
      this.#dragging = this.#isGrabbed ? null : this.#paneAt(at, cut);
      if (this.#dragging !== null) this.#focus = this.#dragging;
    }
    if (this.#isGrabbed) {
      if (event.action === 'drag') this.#moveTo(at);
      if (event.action === 'release') this.#isGrabbed = false;
      this.#options.invalidate();
      return true;
    }
    // What began in a pane is that pane's until the button is let go.
    const isHeld = event.action === 'drag' || event.action === 'release';
    const pane = isHeld ? (this.#dragging ?? this.#paneAt(at, cut)) : this.#paneAt(at, cut);
    if (event.action === 'release') this.#dragging = null;
    const offset = pane === 'first' ? 0 : this.#total - cut.second;
    const moved =
      this.#options.direction === 'columns' ? { ...event, x: event.x - offset } : { ...event, y: event.y - offset };
    const isTaken = this.#pane(pane).mouse?.(moved) ?? false;
    if (event.action === 'press') this.#options.invalidate();
    return isTaken || event.action === 'press';
  }

  #paneAt(at: number, cut: Cut): Pane {
    return at >= this.#total - cut.second && cut.second > 0 ? 'second' : 'first';
  }

  #pane(pane: Pane): Widget {
    return pane === 'first' ? this.#options.first : this.#options.second;
  }

  #toggle(): boolean {
    if (this.#cut(this.#total).border < 0) return false;
    this.#focus = other(this.focused);
    this.#options.invalidate();
    return true;
  }

  #moveTo(border: number): boolean {
    const before = this.#cut(this.#total).border;
    const [least, leastAfter] = this.#least;
    const kept = Math.max(least, Math.min(this.#total - 1 - leastAfter, border));
    if (before < 0 || kept === before) return false;
    this.#share = kept / Math.max(1, this.#total - 1);
    this.#options.invalidate();
    return true;
  }

  #cut(total: number): Cut {
    const [least, leastAfter] = this.#least;
    if (total < least + leastAfter + 1) {
      const goes = this.#options.yields ?? 'second';
      return { first: goes === 'first' ? 0 : total, second: goes === 'first' ? total : 0, border: -1 };
    }
    const wanted = Math.round(this.#share * (total - 1));
    const border = Math.max(least, Math.min(total - 1 - leastAfter, wanted));
    return { first: border, second: total - border - 1, border };
  }
}

const other = (pane: Pane): Pane => (pane === 'first' ? 'second' : 'first');
