import type { Terminal } from '@xterm/headless';

/** A colour as the terminal was told: `#rrggbb`, a number of its palette, or `null` for its own. */
export type Colour = string | number | null;

/** One cell as a person sees it. */
export interface Cell {
  /** `''` for the second half of a wide letter. */
  readonly char: string;
  readonly columns: number;
  readonly fg: Colour;
  readonly bg: Colour;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

const hex = (value: number): string => `#${value.toString(16).padStart(6, '0')}`;

/** Reads what a terminal in memory shows. */
export class Picture {
  readonly modes = new Set<number>([25]);
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    // Its own interface does not tell all the modes.
    terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, (modes) => this.#note(modes, true));
    terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, (modes) => this.#note(modes, false));
  }

  cell(x: number, y: number): Cell {
    const { active } = this.#terminal.buffer;
    const cell = active.getLine(active.viewportY + y)?.getCell(x);
    if (cell === undefined) throw new Error(`there is no cell ${x},${y}`);
    return {
      char: cell.getWidth() === 0 ? '' : cell.getChars() || ' ',
      columns: cell.getWidth(),
      fg: cell.isFgRGB() ? hex(cell.getFgColor()) : cell.isFgPalette() ? cell.getFgColor() : null,
      bg: cell.isBgRGB() ? hex(cell.getBgColor()) : cell.isBgPalette() ? cell.getBgColor() : null,
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
      underline: cell.isUnderline() !== 0,
      inverse: cell.isInverse() !== 0,
    };
  }

  /** A row with its blanks. */
  row(y: number): string {
    const { active } = this.#terminal.buffer;
    return active.getLine(active.viewportY + y)?.translateToString(false) ?? '';
  }

  text(): string {
    const rows = Array.from({ length: this.#terminal.rows }, (_, y) => this.row(y).trimEnd());
    return rows.join('\n');
  }

  cursor(): { readonly x: number; readonly y: number } | null {
    if (!this.modes.has(25)) return null;
    const { active } = this.#terminal.buffer;
    return { x: active.cursorX, y: active.cursorY };
  }

  #note(modes: (number | number[])[], isSet: boolean): boolean {
    for (const mode of modes.flat()) {
      if (isSet) this.modes.add(mode);
      else this.modes.delete(mode);
    }
    return false;
  }
}
