import type { SafeText } from '../../model/text/safe-text.ts';
import type { Style, Surface } from '../contract.ts';
import { type ColourToken, tokenNumber } from '../theme/tokens.ts';
import { lettersOf } from './letters.ts';

/** No colour of its own: that of what lies below. */
export const NO_COLOUR = 255;
export const BOLD = 1;
export const DIM = 2;
export const UNDERLINE = 4;
export const INVERSE = 8;

const blank = ' ';
const editor: Style = { fg: 'editor.foreground', bg: 'editor.background' };

/** Cells in memory: what a frame is drawn on before the renderer compares it with the last one. */
export class Grid {
  readonly width: number;
  readonly height: number;
  /** A letter for each cell, row by row; `''` for the second half of a wide one. */
  readonly chars: string[];
  readonly fg: Uint8Array;
  readonly bg: Uint8Array;
  readonly flags: Uint8Array;
  /** Where the cursor is shown; `null` when it is hidden. */
  cursor: { readonly x: number; readonly y: number } | null = null;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
    this.chars = new Array<string>(width * height).fill(blank);
    this.fg = new Uint8Array(width * height);
    this.bg = new Uint8Array(width * height);
    this.flags = new Uint8Array(width * height);
    this.clear();
  }

  clear(): void {
    this.chars.fill(blank);
    this.fg.fill(tokenNumber('editor.foreground'));
    this.bg.fill(tokenNumber('editor.background'));
    this.flags.fill(0);
    this.cursor = null;
  }

  surface(): Surface {
    return new Area(this, 0, 0, this.width, this.height, editor);
  }

  /** The text of a row, for tests and for plain output. */
  row(y: number): string {
    return this.chars.slice(y * this.width, (y + 1) * this.width).join('');
  }

  /** Puts one letter of one or two columns; what it cuts a wide neighbour in half of becomes blank. */
  put(x: number, y: number, char: string, columns: number, fg: number, bg: number, flags: number): void {
    const at = y * this.width + x;
    if (this.chars[at] === '' && x > 0) this.chars[at - 1] = blank;
    const after = at + columns;
    if (x + columns < this.width && this.chars[after] === '') this.chars[after] = blank;
    for (let i = 0; i < columns; i++) {
      this.chars[at + i] = i === 0 ? char : '';
      if (fg !== NO_COLOUR) this.fg[at + i] = fg;
      if (bg !== NO_COLOUR) this.bg[at + i] = bg;
      this.flags[at + i] = flags;
    }
  }
}

const numberOf = (token: ColourToken | undefined): number => (token === undefined ? NO_COLOUR : tokenNumber(token));

const flagsOf = (style: Style): number =>
  (style.bold === true ? BOLD : 0) |
  (style.dim === true ? DIM : 0) |
  (style.underline === true ? UNDERLINE : 0) |
  (style.inverse === true ? INVERSE : 0);

/** A rectangle of a grid. */
class Area implements Surface {
  readonly width: number;
  readonly height: number;
  readonly #grid: Grid;
  readonly #x: number;
  readonly #y: number;
  /** What can be seen of it, in cells of the grid: from, to (exclusive). */
  readonly #left: number;
  readonly #top: number;
  readonly #right: number;
  readonly #bottom: number;
  readonly #style: Style;

  constructor(
    grid: Grid,
    x: number,
    y: number,
    width: number,
    height: number,
    style: Style,
    clip = { left: 0, top: 0, right: grid.width, bottom: grid.height },
  ) {
    this.#grid = grid;
    this.#x = x;
    this.#y = y;
    this.width = Math.max(0, width);
    this.height = Math.max(0, height);
    this.#left = Math.max(clip.left, x);
    this.#top = Math.max(clip.top, y);
    this.#right = Math.min(clip.right, x + this.width);
    this.#bottom = Math.min(clip.bottom, y + this.height);
    this.#style = style;
  }

  text(x: number, y: number, text: SafeText, style: Style = this.#style): number {
    const row = this.#y + y;
    const isSeen = row >= this.#top && row < this.#bottom;
    const fg = numberOf(style.fg);
    const bg = numberOf(style.bg);
    const flags = flagsOf(style);
    let column = this.#x + x;
    for (const { char, columns } of lettersOf(text)) {
      if (isSeen && column >= this.#left && column + columns <= this.#right) {
        this.#grid.put(column, row, char, columns, fg, bg, flags);
      } else if (isSeen && column < this.#right && column + columns > this.#left) {
        // Half of a wide letter can be seen: a blank stands there.
        const only = Math.max(column, this.#left);
        this.#grid.put(only, row, blank, 1, fg, bg, flags);
      }
      column += columns;
    }
    return column - this.#x - x;
  }

  fill(
    x: number,
    y: number,
    width: number,
    height: number,
    style: Style = this.#style,
    char = blank as SafeText,
  ): void {
    const fg = numberOf(style.fg);
    const bg = numberOf(style.bg);
    const flags = flagsOf(style);
    const right = Math.min(this.#right, this.#x + x + width);
    const bottom = Math.min(this.#bottom, this.#y + y + height);
    for (let row = Math.max(this.#top, this.#y + y); row < bottom; row++) {
      for (let column = Math.max(this.#left, this.#x + x); column < right; column++) {
        this.#grid.put(column, row, char, 1, fg, bg, flags);
      }
    }
  }

  area(x: number, y: number, width: number, height: number): Surface {
    const clip = { left: this.#left, top: this.#top, right: this.#right, bottom: this.#bottom };
    return new Area(this.#grid, this.#x + x, this.#y + y, width, height, this.#style, clip);
  }

  cursor(x: number, y: number): void {
    const column = this.#x + x;
    const row = this.#y + y;
    if (column < this.#left || column >= this.#right || row < this.#top || row >= this.#bottom) return;
    this.#grid.cursor = { x: column, y: row };
  }
}
