import { onTestFinished } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import type { ColourDepth, Screen, Surface, Theme } from '../../../core/terminal/contract.ts';
import { openScreen } from '../../../core/terminal/screen/open.ts';
import { type Emulator, openEmulator } from '../emulator/emulator.ts';
import { testTheme } from '../emulator/test-theme.ts';

export interface TestScreen {
  readonly terminal: Emulator;
  readonly screen: Screen;
  readonly crashes: unknown[];
  /** Draws something else from now on, and waits until it is shown. */
  draw(draw: (surface: Surface) => void): Promise<void>;
  theme(theme: Theme): Promise<void>;
  /** Bytes that the work made the screen send. */
  bytesOf(work: () => void): Promise<number>;
}

/** A screen on a terminal in memory, both closed when the test ends. */
export async function openTestScreen(
  size: { columns: number; rows: number; depth?: ColourDepth; theme?: Theme },
  draw: (surface: Surface) => void = () => {},
): Promise<TestScreen> {
  const terminal = openEmulator(size.columns, size.rows, size.depth);
  let drawing = draw;
  let theme = size.theme ?? testTheme();
  const crashes: unknown[] = [];
  const screen = openScreen({
    tty: terminal.tty,
    theme: () => theme,
    draw: (surface) => drawing(surface),
    onCrash: (error) => crashes.push(error),
  });
  onTestFinished(() => {
    screen.close();
    terminal.close();
  });
  await terminal.settled();
  return {
    terminal,
    screen,
    crashes,
    async draw(next) {
      drawing = next;
      screen.invalidate();
      await terminal.settled();
    },
    async theme(next) {
      theme = next;
      screen.invalidate();
      await terminal.settled();
    },
    async bytesOf(work) {
      await terminal.settled();
      const before = terminal.bytes;
      work();
      screen.invalidate();
      await terminal.settled();
      return terminal.bytes - before;
    },
  };
}

/** A table as wide as the surface, with a selected row. Enough to measure what a key costs. */
export class TestTable {
  top = 0;
  selected = 0;
  readonly #rows: number;

  constructor(rows: number) {
    this.#rows = rows;
  }

  readonly draw = (surface: Surface): void => {
    surface.text(0, 0, safeText('machine          state      size           last backup        policy'), {
      bold: true,
    });
    for (let y = 1; y < surface.height; y++) {
      const row = this.top + y - 1;
      const isSelected = row === this.selected;
      const bg = isSelected ? 'list.activeSelectionBackground' : 'editor.background';
      const fg = isSelected ? 'list.activeSelectionForeground' : 'editor.foreground';
      surface.fill(0, y, surface.width, 1, { fg, bg });
      surface.text(0, y, safeText(`vm-${String(row).padStart(7, '0')}`), { fg, bg });
      surface.text(16, y, safeText('● safe'), { fg: 'tone.good', bg });
      const size = `${(row * 7919) % 100_000} MiB`;
      surface.text(
        28,
        y,
        safeText(`${size.padEnd(14)} 2026-11-22 07:${String(row % 60).padStart(2, '0')}   policy-gold-${row % 13}`),
        { fg, bg },
      );
    }
  };

  /** Moves the selection as a table does, scrolling by one row at its edges. */
  move(by: number, height: number): void {
    this.selected = Math.max(0, Math.min(this.#rows - 1, this.selected + by));
    if (this.selected < this.top) this.top = this.selected;
    if (this.selected > this.top + height - 2) this.top = this.selected - height + 2;
  }
}
