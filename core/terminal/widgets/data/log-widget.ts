import type { LogView, Plain } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { formatNumbered } from '../../../shell/format/numbers.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Key, Mouse, Surface } from '../../contract.ts';
import type { Hint } from '../../workbench/contract.ts';
import type { DataWidget, ViewEnv } from './data-widget.ts';
import { accent, cut, quiet, safe, strong, textOf, toneStyle } from './label.ts';
import { isBefore, type LogLine, LogLines, type Place, signOf, timeOf, toneOf } from './log-lines.ts';
import { drawScrollBar, topForBar } from './scroll-bar.ts';
import { Stored } from './stored.ts';
import { TypedLine } from './typed-line.ts';
import { isPageDown, isPageUp } from './viewport.ts';

const most = 100_000;
/** Lines that may come above `most` before the oldest go: taking them away one by one costs each time. */
const slack = 10_000;
const shiftBy = 8;
const begin: Place = { line: 0, row: 0 };

const hint = (key: string, title: string): Hint => ({ key, title: safeText(title) });
const usual = [hint('f', 'follow'), hint('/', 'search'), hint('n', 'next'), hint('N', 'previous'), hint('w', 'wrap')];
const typing = [hint('enter', 'keep'), hint('escape', 'end the search')];

/** A log of up to 100,000 lines, followed as it grows. */
export class LogWidget implements DataWidget {
  readonly #env: ViewEnv;
  readonly #lines = new LogLines();
  readonly #search = new TypedLine();
  #all: LogLine[] = [];
  #title = '';
  #top: Place = begin;
  #isFollowing = true;
  #isWrapped = true;
  #shift = 0;
  #match = -1;
  #height = 1;
  #bodyAt = 0;
  #width = 0;

  constructor(env: ViewEnv) {
    this.#env = env;
  }

  set(view: LogView): void {
    this.#title = view.title;
    this.#all = view.lines.slice(-most);
    this.#taken();
  }

  /** Lines that have come since. */
  append(lines: readonly LogLine[]): void {
    for (const line of lines.slice(-most)) this.#all.push(line);
    const over = this.#all.length > most + slack ? this.#all.length - most : 0;
    if (over > 0) {
      this.#all = this.#all.slice(over);
      // What is read stays under the eye while it is still there.
      this.#top = this.#top.line >= over ? { line: this.#top.line - over, row: this.#top.row } : begin;
      this.#match = Math.max(-1, this.#match - over);
    }
    this.#taken();
  }

  get row(): string | null {
    return null;
  }

  get marked(): readonly string[] {
    return [];
  }

  get isTyping(): boolean {
    return this.#search.isOpen;
  }

  get wantsFocus(): boolean {
    return this.#all.length > 0;
  }

  hints(): readonly Hint[] {
    return this.#search.isOpen ? typing : usual;
  }

  heightFor(): number {
    return (this.#title === '' ? 0 : 1) + Math.max(1, this.#all.length);
  }

  state(): Plain {
    const top = this.#isFollowing ? null : this.#top.line;
    return { follow: this.#isFollowing, wrap: this.#isWrapped, search: this.#search.text, top };
  }

  restore(state: Plain): void {
    const stored = new Stored(state);
    this.#isFollowing = stored.field('follow') !== false;
    this.#isWrapped = stored.field('wrap') !== false;
    this.#search.text = stored.text('search') ?? '';
    this.#top = { line: Math.max(0, Math.trunc(stored.number('top') ?? 0)), row: 0 };
    this.#taken();
  }

  draw(surface: Surface): void {
    const { width, height } = surface;
    const isSearching = this.#search.isOpen || this.#search.text !== '';
    this.#bodyAt = height >= 2 && (isSearching || this.#title !== '') ? 1 : 0;
    this.#width = width;
    this.#height = Math.max(1, height - this.#bodyAt);
    const before = width >= 40 ? 11 : width >= 12 ? 2 : 0;
    this.#lines.fit(this.#isWrapped ? Math.max(1, width - before - 1) : null);
    const last = this.#lines.last(this.#height);
    const isBeyond = this.#lines.length > 0 && isBefore(last, this.#top);
    if (this.#isFollowing || isBeyond) this.#top = last;
    if (this.#bodyAt > 0) this.#drawCaption(surface, isSearching);
    const text = surface.area(before, this.#bodyAt, Math.max(0, width - before - 1), this.#height);
    let { line, row } = this.#top;
    for (let y = 0; y < this.#height; y++) {
      const found = this.#lines.at(line);
      if (found === undefined) break;
      const rows = this.#lines.rows(line);
      if (row === 0) this.#drawLead(surface, this.#bodyAt + y, found, before);
      this.#drawText(text, y, rows[row] ?? ('' as SafeText), found, line === this.#match);
      if (row + 1 < rows.length) row += 1;
      else [line, row] = [line + 1, 0];
    }
    const scrolled = { top: this.#top.line, height: this.#height, length: this.#lines.length };
    if (width > 4) drawScrollBar(surface, width - 1, this.#bodyAt, scrolled);
  }

  key(key: Key): boolean {
    if (this.#search.isOpen) {
      const typed = this.#search.key(key);
      if (typed === 'changed') this.#seek(this.#top.line, 1);
      if (typed === 'cancelled') this.#match = -1;
      return typed !== null || this.#move(key.name);
    }
    switch (key.name) {
      case '/':
        this.#search.isOpen = true;
        return true;
      case 'escape':
        if (this.#search.text === '') return false;
        this.#search.text = '';
        this.#match = -1;
        return true;
      case 'n':
        return this.#seek(this.#match < 0 ? this.#top.line : this.#match + 1, 1);
      case 'N':
        return this.#seek(this.#match < 0 ? this.#top.line : this.#match - 1, -1);
      case 'f':
        this.#isFollowing = !this.#isFollowing;
        return true;
      case 'w':
        this.#isWrapped = !this.#isWrapped;
        this.#shift = 0;
        this.#top = { line: this.#top.line, row: 0 };
        return true;
      default:
        return this.#move(key.name);
    }
  }

  paste(text: string): boolean {
    if (!this.#search.isOpen) return false;
    this.#search.paste(text);
    this.#seek(this.#top.line, 1);
    return true;
  }

  mouse({ action, x, y }: Mouse): boolean {
    if (action === 'wheel-up') return this.#scroll(-3);
    if (action === 'wheel-down') return this.#scroll(3);
    const isBar = x === this.#width - 1 && y >= this.#bodyAt && this.#lines.length > this.#height;
    if (!isBar || (action !== 'press' && action !== 'drag')) return false;
    const line = topForBar(y - this.#bodyAt, { top: 0, height: this.#height, length: this.#lines.length });
    return this.#goTo({ line, row: 0 });
  }

  #drawCaption(surface: Surface, isSearching: boolean): void {
    let x = 0;
    const room = surface.width - (isSearching ? Math.min(surface.width, 12) : 1);
    if (this.#title !== '') x += surface.text(0, 0, cut(textOf(this.#title), room), strong) + 2;
    const count = safeText(formatNumbered(this.#lines.length, 'line'));
    const words = this.#isFollowing ? safe`${count} · following` : count;
    if (room - x > 0) x += surface.text(x, 0, cut(words, room - x), quiet) + 2;
    if (!isSearching) return;
    const at = Math.min(x, room);
    surface.text(at, 0, '/ ' as SafeText, accent);
    this.#search.draw(surface, at + 2, 0, Math.max(1, surface.width - at - 2));
    const isMissed = this.#search.text !== '' && this.#match < 0;
    const end = at + 3 + displayWidth(safeText(this.#search.text));
    if (isMissed && end + 12 <= surface.width) surface.text(end + 1, 0, safeText('not found'), toneStyle('risk'));
  }

  #drawLead(surface: Surface, y: number, line: LogLine, before: number): void {
    if (before >= 11) surface.text(0, y, timeOf(line), quiet);
    if (before > 0) surface.text(before - 2, y, signOf(line), toneStyle(toneOf(line)));
  }

  #drawText(surface: Surface, y: number, text: SafeText, line: LogLine, isMatch: boolean): void {
    const style = { ...toneStyle(toneOf(line)), bold: isMatch };
    const isCut = !this.#isWrapped && displayWidth(text) - this.#shift > surface.width;
    surface.text(-this.#shift, y, text, style);
    const word = this.#search.text.toLowerCase();
    const lower = text.toLowerCase();
    // A few letters change their length with their case: there nothing is highlighted rather than the wrong letters.
    for (let at = lower.indexOf(word); word !== '' && at >= 0 && lower.length === text.length; ) {
      const x = displayWidth(text.slice(0, at)) - this.#shift;
      if (x >= surface.width) break;
      const found = text.slice(at, at + word.length) as SafeText;
      surface.text(x, y, found, { fg: 'list.highlightForeground', bold: true, underline: true });
      at = lower.indexOf(word, at + word.length);
    }
    if (isCut) surface.text(surface.width - 1, y, '…' as SafeText, quiet);
  }

  #taken(): void {
    this.#lines.set(this.#all);
    if (this.#match >= this.#all.length) this.#match = -1;
    // Before the first lines a place that was kept still waits for them.
    const isBeyond = this.#all.length > 0 && this.#top.line >= this.#all.length;
    if (isBeyond) this.#top = { line: Math.max(0, this.#all.length - 1), row: 0 };
    this.#env.invalidate();
  }

  #seek(from: number, by: 1 | -1): boolean {
    if (this.#search.text === '') {
      this.#match = -1;
      return this.#search.isOpen;
    }
    this.#match = this.#lines.find(this.#search.text, from, by);
    if (this.#match < 0) return true;
    this.#isFollowing = false;
    const bottom = this.#lines.move(this.#top, this.#height - 1);
    const isSeen = this.#match >= this.#top.line && this.#match <= bottom.line;
    // Found elsewhere it comes to the middle, so that one sees what was around it.
    if (!isSeen) this.#top = this.#lines.move({ line: this.#match, row: 0 }, -Math.floor(this.#height / 2));
    return true;
  }

  #move(name: string): boolean {
    const page = Math.max(1, this.#height - 1);
    if (name === 'up' || name === 'k') return this.#scroll(-1);
    if (name === 'down' || name === 'j') return this.#scroll(1);
    if (isPageUp(name)) return this.#scroll(-page);
    if (isPageDown(name) || name === 'space') return this.#scroll(page);
    if (name === 'home' || name === 'g') return this.#goTo(begin);
    if (name === 'end' || name === 'G') {
      this.#isFollowing = true;
      return true;
    }
    if (this.#isWrapped || (name !== 'left' && name !== 'right')) return false;
    this.#shift = Math.max(0, this.#shift + (name === 'left' ? -shiftBy : shiftBy));
    return true;
  }

  #scroll(by: number): boolean {
    return this.#goTo(this.#lines.move(this.#top, by));
  }

  /** Whoever goes up reads; whoever comes back to the end follows again. */
  #goTo(place: Place): boolean {
    const last = this.#lines.last(this.#height);
    const to = isBefore(last, place) ? last : place;
    const hasMoved = isBefore(to, this.#top) || isBefore(this.#top, to);
    if (isBefore(to, last)) this.#isFollowing = false;
    else if (hasMoved) this.#isFollowing = true;
    this.#top = to;
    return hasMoved;
  }
}
