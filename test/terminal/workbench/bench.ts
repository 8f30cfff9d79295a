import { onTestFinished } from 'vitest';
import type { ColourDepth } from '../../../core/terminal/contract.ts';
import type { Workbench } from '../../../core/terminal/workbench/contract.ts';
import { openWorkbench } from '../../../core/terminal/workbench/open.ts';
import { type Emulator, openEmulator } from '../emulator/emulator.ts';
import { type FakeDesk, type FakeOptions, fakeDesk } from './fake-desk.ts';

/** Keys as a terminal sends them. */
export const key = {
  enter: '\r',
  escape: '\x1b',
  tab: '\t',
  up: '\x1b[A',
  down: '\x1b[B',
  pageDown: '\x1b[6~',
  altLeft: '\x1b[1;3D',
  altRight: '\x1b[1;3C',
  f1: '\x1bOP',
  f5: '\x1b[15~',
  f6: '\x1b[17~',
  ctrl: (letter: string) => String.fromCharCode(letter.charCodeAt(0) & 31),
  paste: (text: string) => `\x1b[200~${text}\x1b[201~`,
} as const;

/** A workbench that somebody sits at, closed when the test is over. */
export interface Seat {
  readonly desk: FakeDesk;
  readonly emulator: Emulator;
  readonly bench: Workbench;
  /** Types keys one after the other and lets each have its effect. */
  press(...keys: readonly string[]): Promise<void>;
  /** Escape by itself is only known after a short wait. */
  escape(): Promise<void>;
  shows(text: string | RegExp): Promise<void>;
  hides(text: string | RegExp): Promise<void>;
  text(): string;
}

export interface SeatOptions extends FakeOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly depth?: ColourDepth;
}

/** Opens a workbench over a desk in memory and waits until its first view is there. */
export async function sitDown(options: SeatOptions = {}): Promise<Seat> {
  const desk = fakeDesk(options);
  const emulator = openEmulator(options.columns ?? 80, options.rows ?? 24, options.depth);
  const bench = openWorkbench({ tty: emulator.tty, desk });
  onTestFinished(async () => {
    bench.close();
    emulator.close();
    await bench.ended.catch(() => {});
  });
  await emulator.settled();
  return {
    desk,
    emulator,
    bench,
    press: (...keys) => emulator.keys(...keys),
    escape: () => emulator.keys(key.escape),
    shows: (text) => emulator.shows(text),
    hides: (text) => emulator.hides(text),
    text: () => emulator.text(),
  };
}
