import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Key, Mouse, Style, Surface, Widget } from '../../contract.ts';
import { keyName } from '../../keys/key-name.ts';
import { cutSafe } from './line-break.ts';

export interface TabItem {
  readonly id: string;
  readonly title: string;
  /** Something in it has not been saved or done. */
  readonly isModified?: boolean;
  /** Default is `true`. */
  readonly canClose?: boolean;
}

export interface TabsEnv {
  invalidate(): void;
  onSelect(id: string): void;
  onClose(id: string): void;
}

interface Place {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  /** Column of the sign that closes it; -1 when there is none. */
  readonly close: number;
}

const widestTab = 30;
const strip: Style = { fg: 'tab.inactiveForeground', bg: 'tab.inactiveBackground' };
const active: Style = { fg: 'tab.activeForeground', bg: 'tab.activeBackground', bold: true };

/** A strip of tabs in one row. The active one is always seen; how many are hidden on either side is told there. */
export class Tabs implements Widget {
  readonly #env: TabsEnv;
  #items: readonly TabItem[] = [];
  #active = 0;
  /** First tab that is seen. */
  #first = 0;
  #places: readonly Place[] = [];
  #ends: { readonly left: number; readonly right: number } = { left: 0, right: 0 };

  constructor(env: TabsEnv) {
    this.#env = env;
  }

  set(items: readonly TabItem[], activeId: string | null): void {
    this.#items = items;
    this.#active = Math.max(
      0,
      items.findIndex(({ id }) => id === activeId),
    );
  }

  /** The tab so many places further, around the ends. */
  select(by: number): void {
    const { length } = this.#items;
    if (length > 0) this.#choose((((this.#active + by) % length) + length) % length);
  }

  key(key: Key): boolean {
    const name = keyName(key.name);
    if (name === 'left') this.select(-1);
    else if (name === 'right') this.select(1);
    else if (name === 'home') this.#choose(0);
    else if (name === 'end') this.#choose(this.#items.length - 1);
    else if (name === 'delete') this.#close(this.#items[this.#active]);
    else return false;
    return true;
  }

  mouse(event: Mouse): boolean {
    if (event.y !== 0) return false;
    if (event.action === 'wheel-up' || event.action === 'wheel-down') {
      this.select(event.action === 'wheel-up' ? -1 : 1);
      return true;
    }
    if (event.action !== 'press') return false;
    const place = this.#places.find(({ from, to }) => event.x >= from && event.x < to);
    const index = this.#items.findIndex(({ id }) => id === place?.id);
    if (place === undefined || index < 0) {
      if (event.x < this.#ends.left) this.#choose(Math.max(0, this.#first - 1));
      else if (event.x >= this.#ends.right && this.#hiddenRight() > 0) this.#choose(this.#first + this.#places.length);
      else return false;
      return true;
    }
    if (event.button === 'middle' || event.x === place.close) this.#close(this.#items[index]);
    else this.#choose(index);
    return true;
  }

  draw(surface: Surface, isFocused: boolean): void {
    const { width } = surface;
    surface.fill(0, 0, width, 1, strip);
    this.#places = [];
    if (this.#items.length === 0 || width < 1) return;
    this.#first = Math.min(this.#first, this.#active);
    while (this.#first < this.#active && !this.#isSeen(width)) this.#first += 1;
    const left = this.#first > 0 ? safeText(`‹${this.#first} `) : safeText('');
    let x = surface.text(0, 0, left, strip);
    const places: Place[] = [];
    const last = this.#lastFrom(width);
    for (const [offset, item] of this.#items.slice(this.#first, last + 1).entries()) {
      const isActive = this.#first + offset === this.#active;
      const room = Math.max(1, width - x - this.#endWidth(last));
      const { text, close } = tabText(item, Math.min(widestTab, room));
      const look = isActive ? { ...active, underline: isFocused } : strip;
      const taken = surface.text(x, 0, text, look);
      places.push({ id: item.id, from: x, to: x + taken, close: close < 0 ? -1 : x + close });
      x += taken;
    }
    this.#places = places;
    this.#ends = { left: displayWidth(left), right: x };
    const hidden = this.#hiddenRight();
    if (hidden > 0) {
      const right = safeText(` ${hidden}›`);
      surface.text(Math.max(0, width - displayWidth(right)), 0, right, strip);
    }
  }

  #hiddenRight(): number {
    return this.#items.length - this.#first - this.#places.length;
  }

  #endWidth(last: number): number {
    const hidden = this.#items.length - 1 - last;
    return hidden > 0 ? ` ${hidden}›`.length : 0;
  }

  /** Number of the last tab that fits when the first one is where it is. */
  #lastFrom(width: number): number {
    let used = this.#first > 0 ? `‹${this.#first} `.length : 0;
    let last = this.#first;
    for (let index = this.#first; index < this.#items.length; index++) {
      const item = this.#items[index];
      if (item === undefined) break;
      used += displayWidth(tabText(item, widestTab).text);
      if (used + this.#endWidth(index) > width && index > this.#first) break;
      last = index;
    }
    return last;
  }

  #isSeen(width: number): boolean {
    return this.#lastFrom(width) >= this.#active;
  }

  #choose(index: number): void {
    const item = this.#items[index];
    if (item === undefined) return;
    if (index !== this.#active) this.#env.onSelect(item.id);
    this.#active = index;
    this.#env.invalidate();
  }

  #close(item: TabItem | undefined): void {
    if (item !== undefined && item.canClose !== false) this.#env.onClose(item.id);
  }
}

/** ` title • × `: the dot says that it is modified. */
function tabText(item: TabItem, most: number): { readonly text: SafeText; readonly close: number } {
  const tail = `${item.isModified === true ? ' •' : ''}${item.canClose === false ? '' : ' ×'} `;
  const title = cutSafe(safeText(item.title, 200), Math.max(1, most - 1 - tail.length));
  const whole = ` ${title}${tail}` as SafeText;
  const text = displayWidth(whole) > most ? cutSafe(whole, most) : whole;
  const close = item.canClose === false || text !== whole ? -1 : displayWidth(whole) - 2;
  return { text, close };
}
