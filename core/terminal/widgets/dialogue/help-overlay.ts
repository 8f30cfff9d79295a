import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Key, Mouse, Style, Surface, Widget } from '../../contract.ts';
import { describeKey } from '../../keys/describe-key.ts';
import { keyName } from '../../keys/key-name.ts';
import { fuzzyScore, haystackOf, queryOf } from './fuzzy.ts';
import { cutSafe } from './line-break.ts';
import { type Box, contains, drawBox, placeBox, quickLook } from './overlay-box.ts';
import { TextField } from './text-field.ts';

export interface HelpEntry {
  /** As bindings are written; several that do the same are parted by `/`. */
  readonly key: string;
  readonly title: string;
  /** Who brought the key, or why it does not work here. */
  readonly note?: string;
}

export interface HelpGroup {
  readonly title: string;
  readonly entries: readonly HelpEntry[];
}

export interface HelpOptions {
  readonly title: string;
  readonly groups: readonly HelpGroup[];
  readonly onClose: () => void;
  readonly invalidate: () => void;
}

type Line = { readonly heading: string } | HelpEntry | null;

const { ground } = quickLook;
const quiet: Style = { ...ground, fg: 'descriptionForeground' };
const strong: Style = { ...ground, bold: true };
const widest = 100;
const twoColumnsFrom = 76;

/** The keys of this view, by group; typing looks for one. */
export class HelpOverlay implements Widget {
  readonly #options: HelpOptions;
  readonly #field: TextField;
  #top = 0;
  #most = 0;
  #height = 1;
  #box: Box = { x: 0, y: 0, width: 0, height: 0 };

  constructor(options: HelpOptions) {
    this.#options = options;
    this.#field = new TextField({
      placeholder: 'type to look for a key',
      maxLength: 100,
      onChange: () => {
        this.#top = 0;
      },
    });
  }

  key(key: Key): boolean {
    const name = keyName(key.name);
    if (name === 'escape' || name === 'enter' || (name === '?' && this.#field.value === '')) this.#options.onClose();
    else if (name === 'up') this.#scroll(-1);
    else if (name === 'down') this.#scroll(1);
    else if (name === 'pageup') this.#scroll(-this.#height);
    else if (name === 'pagedown') this.#scroll(this.#height);
    else this.#field.key(key);
    this.#options.invalidate();
    return true;
  }

  paste(text: string): boolean {
    this.#field.paste(text);
    this.#options.invalidate();
    return true;
  }

  mouse(event: Mouse): boolean {
    if (event.action === 'wheel-up') this.#scroll(-2);
    else if (event.action === 'wheel-down') this.#scroll(2);
    else if (event.action === 'press' && !contains(this.#box, event.x, event.y)) this.#options.onClose();
    this.#options.invalidate();
    return true;
  }

  draw(surface: Surface, isFocused: boolean): void {
    const width = Math.min(widest, surface.width > 30 ? surface.width - 4 : surface.width);
    const columns = width - 4 >= twoColumnsFrom - 4 ? 2 : 1;
    const lines = this.#lines();
    const perColumn = Math.ceil(lines.length / columns);
    this.#box = placeBox(surface, width, Math.max(8, perColumn + 4));
    const inner = drawBox(surface, this.#box, safeText(this.#options.title, 200), quickLook);
    this.#field.draw(inner.area(0, 0, inner.width, 1), isFocused);
    this.#height = Math.max(1, inner.height - 2);
    // Whole columns are scrolled together, each as long as the other.
    const rows = Math.max(perColumn, 1);
    this.#most = Math.max(0, rows - this.#height);
    this.#top = Math.min(this.#top, this.#most);
    if (lines.length === 0) inner.text(0, 2, cutSafe(safeText('no key fits what is typed'), inner.width), quiet);
    const columnWidth = Math.floor((inner.width - (columns - 1) * 3) / columns);
    const keyWidth = keyColumn(lines, columnWidth);
    for (let column = 0; column < columns; column++) {
      const part = lines.slice(column * perColumn, (column + 1) * perColumn);
      const area = inner.area(column * (columnWidth + 3), 2, columnWidth, inner.height - 2);
      for (const [y, line] of part.slice(this.#top, this.#top + area.height).entries())
        drawLine(area, y, line, keyWidth);
    }
    if (this.#top < this.#most) inner.text(inner.width - 1, inner.height - 1, safeText('↓'), quiet);
  }

  #scroll(by: number): void {
    this.#top = Math.max(0, Math.min(this.#most, this.#top + by));
  }

  #lines(): readonly Line[] {
    const query = queryOf(this.#field.value);
    const fits = (entry: HelpEntry): boolean =>
      query.folded === '' ||
      fuzzyScore(haystackOf(entry.title), query) !== null ||
      `${entry.key} ${describeKey(entry.key)}`.toLowerCase().includes(this.#field.value.trim().toLowerCase());
    const lines: Line[] = [];
    for (const { title, entries } of this.#options.groups) {
      const fitting = entries.filter(fits);
      if (fitting.length === 0) continue;
      if (lines.length > 0) lines.push(null);
      lines.push({ heading: title }, ...fitting);
    }
    return lines;
  }
}

function keyColumn(lines: readonly Line[], width: number): number {
  const widths = lines.map((line) => (line !== null && 'key' in line ? displayWidth(describeKey(line.key)) : 0));
  return Math.min(Math.max(4, ...widths), Math.max(1, Math.floor(width / 3)));
}

function drawLine(area: Surface, y: number, line: Line, keyWidth: number): void {
  if (line === null) return;
  if ('heading' in line) {
    area.text(0, y, cutSafe(safeText(line.heading, 200), area.width), quiet);
    return;
  }
  const key: SafeText = cutSafe(describeKey(line.key), keyWidth);
  area.text(keyWidth - displayWidth(key), y, key, strong);
  const x = keyWidth + 2;
  const title = cutSafe(safeText(line.title, 500), area.width - x);
  const taken = area.text(x, y, title, ground);
  if (line.note !== undefined) {
    area.text(x + taken + 2, y, cutSafe(safeText(line.note, 500), area.width - x - taken - 2), quiet);
  }
}
