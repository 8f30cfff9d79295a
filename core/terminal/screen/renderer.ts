import { BOLD, DIM, Grid, INVERSE, UNDERLINE } from '../cells/grid.ts';
import { type BlessedLine, type BlessedScreen, openBlessed } from './blessed.ts';
import type { Colours } from './colours.ts';
import { findShift, type Shift } from './scroll.ts';
import { shownLetter } from './shown-letter.ts';
import { firstColour } from './slots.ts';
import { Wire } from './wire.ts';

/** Drawn by nobody: a cell that has it differs from every other. */
const never = 254;

/** Blessed's own flags, for each combination of ours; its blinking stands for dim. */
const flagBits = Array.from({ length: 16 }, (_, flags) => {
  const bit = (flag: number, its: number) => ((flags & flag) === 0 ? 0 : its);
  return (bit(BOLD, 1) | bit(UNDERLINE, 2) | bit(DIM, 4) | bit(INVERSE, 8)) << 18;
});

const attributeOf = (grid: Grid, at: number): number =>
  (flagBits[grid.flags[at] ?? 0] ?? 0) | ((firstColour + (grid.fg[at] ?? 0)) << 9) | (firstColour + (grid.bg[at] ?? 0));

function isSameRow(a: Grid, b: Grid, y: number): boolean {
  const end = (y + 1) * a.width;
  for (let at = y * a.width; at < end; at++) {
    if (a.chars[at] !== b.chars[at] || a.fg[at] !== b.fg[at] || a.bg[at] !== b.bg[at] || a.flags[at] !== b.flags[at]) {
      return false;
    }
  }
  return true;
}

/** Makes of grids what a terminal must be sent, through blessed's cells. Knows nothing of time, of input or of who is there. */
export class Renderer {
  readonly #wire: Wire;
  #blessed: BlessedScreen;
  /** What was put into blessed's cells last, and the one that the next frame is drawn on. */
  #last: Grid;
  #next: Grid;
  #isCursorShown = false;

  /** @param canErase Whether erasing leaves the background that is set. */
  constructor(size: { columns: number; rows: number }, colours: Colours, canErase: boolean) {
    const { columns, rows } = size;
    this.#wire = new Wire(colours, columns, canErase);
    this.#blessed = openBlessed(columns, rows, (text) => this.#wire.feed(text));
    this.#last = new Grid(columns, rows);
    this.#next = new Grid(columns, rows);
    this.#last.fg.fill(never);
  }

  get width(): number {
    return this.#next.width;
  }

  get height(): number {
    return this.#next.height;
  }

  /** The colours changed: everything is sent again. */
  set colours(colours: Colours) {
    this.#wire.colours = colours;
    this.clear();
  }

  /** An empty grid to draw the next frame on. */
  begin(): Grid {
    this.#next.clear();
    return this.#next;
  }

  /** The terminal has another size, or nobody knows what it shows: it is cleared with the next frame, and everything sent again. */
  resize(columns: number, rows: number): void {
    if (columns !== this.width || rows !== this.height) {
      this.#last = new Grid(columns, rows);
      this.#next = new Grid(columns, rows);
      this.#blessed.program.cols = columns;
      this.#blessed.program.rows = rows;
    }
    this.#wire.forget(columns);
    this.#isCursorShown = false;
    this.clear();
  }

  clear(): void {
    this.#last.fg.fill(never);
    this.#blessed.alloc();
  }

  /**
   * Finishes the frame that `begin` gave.
   * @param limit About how many characters it may have. When it has more, the rest is left for the next frame.
   * @returns what to send, and whether that is all.
   */
  finish(limit: number): { readonly text: string; readonly isWhole: boolean } {
    const next = this.#next;
    const changed = this.#changedRows();
    const shift = findShift(this.#last, next, changed);
    if (shift !== null) this.#scroll(shift);
    for (const y of shift === null ? changed : this.#changedRows()) this.#copy(y);
    this.#next = this.#last;
    this.#last = next;
    const isWhole = this.#send(limit);
    this.#cursor(isWhole ? next.cursor : null);
    return { text: this.#wire.take(), isWhole };
  }

  #changedRows(): number[] {
    const rows: number[] = [];
    for (let y = 0; y < this.height; y++) if (!isSameRow(this.#next, this.#last, y)) rows.push(y);
    return rows;
  }

  /** Moves rows on the terminal, in blessed's cells and in what was drawn last. */
  #scroll({ from, to, by }: Shift): void {
    const last = this.#last;
    const top = by > 0 ? from : from + by;
    const bottom = by > 0 ? to + by : to;
    if (by > 0) this.#blessed.deleteLine(by, top, top, bottom);
    else this.#blessed.insertLine(-by, top, top, bottom);
    // The move itself is sent before any row of this frame.
    const { width } = last;
    const cells = [last.fg, last.bg, last.flags] as const;
    const [source, target] = by > 0 ? [top + by, top] : [top, top - by];
    const count = (bottom - top + 1 - Math.abs(by)) * width;
    for (const part of cells) part.copyWithin(target * width, source * width, source * width + count);
    moveLetters(last.chars, target * width, source * width, count);
    const emptied = by > 0 ? bottom - by + 1 : top;
    last.fg.fill(never, emptied * width, (emptied + Math.abs(by)) * width);
  }

  #copy(y: number): void {
    const grid = this.#next;
    const line = this.#blessed.lines[y];
    if (line === undefined) return;
    const start = y * grid.width;
    for (let x = 0; x < grid.width; x++) {
      const at = start + x;
      const attribute = attributeOf(grid, at);
      const char = grid.chars[at] ?? ' ';
      // Nearly all letters are ASCII; those of two columns leave '' in their second cell.
      if (char.length === 1 && char < '\x7f' && char >= ' ') {
        put(line, x, attribute, char);
        continue;
      }
      const isWide = x + 1 < grid.width && grid.chars[at + 1] === '';
      const { first, second } = shownLetter(char === '' ? ' ' : char, isWide ? 2 : 1);
      put(line, x, attribute, first);
      if (!isWide) continue;
      x += 1;
      put(line, x, attribute, second ?? ' ');
    }
  }

  #send(limit: number): boolean {
    const { lines } = this.#blessed;
    for (let y = 0; y < lines.length; y++) {
      if (lines[y]?.dirty !== true) continue;
      if (this.#wire.length > limit) return false;
      this.#blessed.draw(y, y);
    }
    return true;
  }

  #cursor(at: { readonly x: number; readonly y: number } | null): void {
    const isShown = at !== null;
    if (isShown) this.#wire.move(at.x, at.y);
    if (isShown !== this.#isCursorShown) this.#wire.cursor(isShown);
    this.#isCursorShown = isShown;
  }
}

/** As `copyWithin`, which takes a hundred times as long for arrays of strings. */
function moveLetters(letters: string[], to: number, from: number, count: number): void {
  if (to < from) for (let i = 0; i < count; i++) letters[to + i] = letters[from + i] ?? ' ';
  else for (let i = count - 1; i >= 0; i--) letters[to + i] = letters[from + i] ?? ' ';
}

function put(line: BlessedLine, x: number, attribute: number, char: string): void {
  const cell = line[x];
  if (cell === undefined || (cell[0] === attribute && cell[1] === char)) return;
  cell[0] = attribute;
  cell[1] = char;
  line.dirty = true;
}
