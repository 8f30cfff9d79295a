import { createRequire } from 'node:module';
import { columnsOf } from './shown-letter.ts';
import { terminalStrings } from './terminal-strings.ts';

/** A cell as blessed keeps it: what it looks like, in one number, and its letter. */
export type BlessedCell = [attribute: number, char: string];

/** A row of cells; only dirty ones are looked at when a frame is sent. */
export interface BlessedLine extends Array<BlessedCell> {
  dirty: boolean;
}

/** The part of blessed's screen that is used. */
export interface BlessedScreen {
  /** What is to be shown. */
  readonly lines: BlessedLine[];
  /** What the terminal shows. */
  readonly olines: BlessedLine[];
  readonly program: BlessedProgram;
  /** Empties both and clears the terminal. */
  alloc(): void;
  /** Sends what changed in these rows, both included. */
  draw(fromRow: number, toRow: number): void;
  /** Moves the rows from `y` to `bottom` down by `count`; what leaves at the bottom is gone. */
  insertLine(count: number, y: number, top: number, bottom: number): void;
  /** Moves them up. */
  deleteLine(count: number, y: number, top: number, bottom: number): void;
  _reduceColor(colour: number): number;
  /** A row for what was moved away. */
  blankLine(char?: string, isDirty?: boolean): BlessedLine;
  /** What an empty cell looks like. */
  readonly dattr: number;
}

interface BlessedProgram {
  cols: number;
  rows: number;
  useBuffer: boolean;
  tput: unknown;
  put: unknown;
  _tputSetup: boolean;
  flush(): void;
}

interface ScreenClass {
  new (options: object): BlessedScreen;
  bind(screen: BlessedScreen): void;
  readonly global: BlessedScreen | null;
  readonly instances: readonly BlessedScreen[];
}

interface ProgramClass {
  new (options: object): BlessedProgram;
  bind(program: BlessedProgram): void;
  readonly instances: readonly BlessedProgram[];
}

interface Blessed {
  readonly Screen: ScreenClass;
  readonly Program: ProgramClass;
}

const require = createRequire(import.meta.url);
let loaded: Blessed | null = null;

/** Loads blessed, once, and takes from it what reaches out of its own session. */
export function loadBlessed(): Blessed {
  if (loaded !== null) return loaded;
  // Its screen alone: the package's own entry loads forty widgets.
  const Screen = require('blessed/lib/widgets/screen.js') as ScreenClass;
  const Program = require('blessed/lib/program.js') as ProgramClass;
  const unicode = require('blessed/lib/unicode.js') as { charWidth(letter: string): number };
  // Both would listen to the process, end it on SIGTERM and on exceptions, keep every session in a list that each key of any session
  // walks through, and offer one person's screen to the next as `Screen.global`.
  Screen.bind = () => {};
  Program.bind = () => {};
  // Its table of widths is from 2013, and asks the environment for each letter. What is in a cell has the width that we say.
  unicode.charWidth = (letter) => columnsOf(letter);
  loaded = { Screen, Program };
  return loaded;
}

/**
 * A screen of blessed's that is bound to nothing: it reads no input, knows no file of terminal descriptions, and all that it sends goes
 * to `send`. It is given back by letting go of it.
 */
export function openBlessed(columns: number, rows: number, send: (text: string) => void): BlessedScreen {
  const { Screen, Program } = loadBlessed();
  const port = {
    columns,
    rows,
    isTTY: true,
    writable: true,
    write: send,
    // Counted as listened to already, so that it listens to nothing.
    _blessedInput: 1,
    _blessedOutput: 1,
  };
  const program = withoutTmux(
    () => new Program({ input: port, output: port, terminal: 'xterm-256color', tput: false, zero: true, buffer: true }),
  );
  const { tput, put } = terminalStrings(send);
  program.tput = tput;
  program.put = put;
  program._tputSetup = true;
  const screen = new Screen({ program, fullUnicode: true, resizeTimeout: 0 });
  program.flush();
  // Otherwise what it sends waits for another turn.
  program.useBuffer = false;
  // Numbers from 256 on are ours: names of the theme, made into colours on the way out.
  screen._reduceColor = (colour) => colour;
  reuseRows(screen);
  return screen;
}

/**
 * Rows that are moved out become the empty ones that come in. New ones would be 30 KB of small arrays for each row that is scrolled: with many
 * sessions in a process more than a collector of garbage takes away unnoticed.
 */
function reuseRows(screen: BlessedScreen): void {
  const { insertLine, deleteLine, blankLine } = screen;
  let leaving: number | null = null;
  let isOfShown = false;
  screen.blankLine = (char, isDirty) => {
    const line = leaving === null ? undefined : (isOfShown ? screen.olines : screen.lines)[leaving];
    if (line === undefined) return blankLine.call(screen, char, isDirty);
    // They are asked for in turn: one for what is to be shown, one for what is.
    isOfShown = !isOfShown;
    for (const cell of line) {
      cell[0] = screen.dattr;
      cell[1] = ' ';
    }
    line.dirty = false;
    return line;
  };
  const moving = (row: number, move: () => void): void => {
    leaving = row;
    isOfShown = false;
    move();
    leaving = null;
  };
  screen.insertLine = (count, y, top, bottom) => moving(bottom, () => insertLine.call(screen, count, y, top, bottom));
  screen.deleteLine = (count, y, top, bottom) => moving(y, () => deleteLine.call(screen, count, y, top, bottom));
}

/** Inside tmux blessed runs `tmux -V`; what the server was started in says nothing about who is connected to it. */
function withoutTmux<T>(work: () => T): T {
  const { TMUX } = process.env;
  if (TMUX === undefined) return work();
  delete process.env.TMUX;
  try {
    return work();
  } finally {
    process.env.TMUX = TMUX;
  }
}
