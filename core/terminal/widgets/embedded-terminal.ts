import { createRequire } from 'node:module';
import type { Terminal } from '@xterm/headless';
import { type SafeText, safeText } from '../../model/text/safe-text.ts';
import type { Key, Mouse, Surface, Widget } from '../contract.ts';
import { copyCells } from './embedded-terminal-cells.ts';
import { type AskedFor, bytesOfKey, bytesOfMouse, bytesOfPaste } from './embedded-terminal-keys.ts';

/** How often at most the screen is asked to draw what the program prints. */
const frameMs = 16;
/** When so many bytes wait to be understood, the program has to wait. */
const mostWaiting = 1024 * 1024;
const fewWaiting = 256 * 1024;
/** A program that ignores that its terminal is gone has so long. */
const patienceMs = 2000;

export interface EmbeddedTerminalOptions {
  /** The program and its arguments; nothing is looked up by a shell. */
  readonly argv: readonly [program: string, ...rest: string[]];
  /** All of its environment, beside `TERM`. What this process has in its own is not handed on. */
  readonly env: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
  /** Lines that are kept above the screen. */
  readonly scrollback: number;
  readonly onTitle?: (title: SafeText) => void;
  /** Called once, when the program has ended. Its last output may be missing: nothing may be concluded from it. */
  readonly onExit: (exit: EmbeddedExit) => void;
  /** Something new can be drawn. */
  readonly invalidate: () => void;
}

export interface EmbeddedExit {
  readonly exitCode: number;
  /** Number of the signal that ended it; `null` when none did. */
  readonly signal: number | null;
}

export interface EmbeddedTerminal extends Required<Widget> {
  resize(columns: number, rows: number): void;
  /** Types text. */
  write(text: string): void;
  /** Ends the program, as a closed window would. */
  close(): void;
  readonly exited: Promise<EmbeddedExit>;
}

/** A program in a terminal of its own, shown as a part of a screen: only its cells get there, none of what it sends. */
export function openEmbeddedTerminal(options: EmbeddedTerminalOptions): EmbeddedTerminal {
  return new ProgramTerminal(options);
}

/** The part of node-pty that is used; its own types do not bear its name here. */
interface Pty {
  on(event: 'error', listener: () => void): void;
  onData(listener: (data: string) => void): void;
  onExit(listener: (exit: { exitCode: number; signal?: number }) => void): void;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
  kill(signal: string): void;
}

interface Spawner {
  spawn(program: string, rest: readonly string[], options: object): Pty;
}

const require = createRequire(import.meta.url);

class ProgramTerminal implements EmbeddedTerminal {
  readonly exited: Promise<EmbeddedExit>;
  readonly #options: EmbeddedTerminalOptions;
  readonly #terminal: Terminal;
  readonly #pty: Pty;
  readonly #modes = new Set<number>([25]);
  #waiting = 0;
  #isPaused = false;
  #isRunning = true;
  #isClosed = false;
  #frame: NodeJS.Timeout | null = null;
  #tellEnd: () => void = () => {};

  constructor(options: EmbeddedTerminalOptions) {
    this.#options = options;
    // Loaded when needed: most sessions never open one.
    const headless = require('@xterm/headless') as { Terminal: new (options: object) => Terminal };
    const unicode = require('@xterm/addon-unicode11') as typeof import('@xterm/addon-unicode11');
    const pty = require('node-pty') as Spawner;
    const [columns, rows] = [atLeast(options.columns, 2), atLeast(options.rows, 1)];
    const { scrollback } = options;
    this.#terminal = new headless.Terminal({
      cols: columns,
      rows,
      scrollback,
      allowProposedApi: true,
      logLevel: 'off',
    });
    this.#terminal.loadAddon(new unicode.Unicode11Addon());
    this.#terminal.unicode.activeVersion = '11';
    const [program, ...rest] = options.argv;
    this.#pty = pty.spawn(program, rest, { cols: columns, rows, name: 'xterm-256color', env: { ...options.env } });
    // Read errors at its end are no news. It throws them unless two listen.
    for (const ignore of [() => {}, () => {}]) this.#pty.on('error', ignore);
    this.#listen();
    const { promise, resolve } = Promise.withResolvers<EmbeddedExit>();
    this.exited = promise;
    this.#pty.onExit(({ exitCode, signal = 0 }) => {
      this.#isRunning = false;
      this.#tellEnd = () => resolve({ exitCode, signal: signal === 0 ? null : signal });
      // What it printed last is still to be understood.
      if (this.#isClosed) this.#tellEnd();
      else this.#terminal.write('', this.#tellEnd);
    });
    void promise.then((exit) => {
      options.onExit(exit);
      if (!this.#isClosed) options.invalidate();
    });
  }

  draw(surface: Surface, isFocused: boolean): void {
    if (this.#isClosed) return;
    const terminal = this.#terminal;
    if (surface.width !== terminal.cols || surface.height !== terminal.rows) this.resize(surface.width, surface.height);
    surface.fill(0, 0, surface.width, surface.height, { fg: 'terminal.foreground', bg: 'terminal.background' });
    const { active } = terminal.buffer;
    copyCells(active, surface);
    const isAtEnd = active.viewportY === active.baseY;
    if (isFocused && isAtEnd && this.#isRunning && this.#modes.has(25)) surface.cursor(active.cursorX, active.cursorY);
  }

  key(key: Key): boolean {
    if (!this.#isRunning) return false;
    const { rows } = this.#terminal;
    if (key.name === 'shift+pageup') this.#scroll(1 - rows);
    else if (key.name === 'shift+pagedown') this.#scroll(rows - 1);
    else {
      this.#terminal.scrollToBottom();
      this.write(bytesOfKey(key, this.#askedFor()));
    }
    return true;
  }

  paste(text: string): boolean {
    if (!this.#isRunning) return false;
    this.write(bytesOfPaste(text, this.#askedFor()));
    return true;
  }

  mouse(event: Mouse): boolean {
    const asked = this.#askedFor();
    if (this.#isRunning && asked.mouse !== 'none') {
      this.write(bytesOfMouse(event, asked));
      return true;
    }
    if (event.action !== 'wheel-up' && event.action !== 'wheel-down') return false;
    const isUp = event.action === 'wheel-up';
    if (this.#terminal.buffer.active.type === 'normal') this.#scroll(isUp ? -3 : 3);
    // A program with the screen to itself has nothing above it: it gets arrows, as terminals do.
    else this.write(bytesOfKey({ kind: 'key', name: isUp ? 'up' : 'down', text: null }, asked).repeat(3));
    return true;
  }

  resize(columns: number, rows: number): void {
    if (this.#isClosed) return;
    const [cols, lines] = [atLeast(columns, 2), atLeast(rows, 1)];
    if (cols === this.#terminal.cols && lines === this.#terminal.rows) return;
    this.#terminal.resize(cols, lines);
    if (!this.#isRunning) return;
    try {
      this.#pty.resize(cols, lines);
    } catch {
      // It has just ended.
    }
  }

  write(text: string): void {
    if (this.#isRunning && text !== '') this.#pty.write(text);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#frame !== null) clearTimeout(this.#frame);
    this.#terminal.dispose();
    this.#tellEnd();
    if (!this.#isRunning) return;
    this.#kill('SIGHUP');
    const force = setTimeout(() => this.#kill('SIGKILL'), patienceMs);
    void this.exited.then(() => clearTimeout(force));
  }

  #listen(): void {
    const terminal = this.#terminal;
    const note = (isSet: boolean) => (modes: (number | number[])[]) => {
      for (const mode of modes.flat()) {
        if (isSet) this.#modes.add(mode);
        else this.#modes.delete(mode);
      }
      return false;
    };
    terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, note(true));
    terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, note(false));
    // Answers to what the program asks its terminal.
    terminal.onData((answer) => this.write(answer));
    terminal.onTitleChange((title) => this.#options.onTitle?.(safeText(title, 200)));
    this.#pty.onData((data) => this.#printed(data));
  }

  #printed(data: string): void {
    if (this.#isClosed) return;
    this.#waiting += data.length;
    if (this.#waiting > mostWaiting && !this.#isPaused) {
      this.#isPaused = true;
      this.#pty.pause();
    }
    this.#terminal.write(data, () => {
      this.#waiting -= data.length;
      if (this.#isPaused && this.#waiting < fewWaiting) {
        this.#isPaused = false;
        this.#pty.resume();
      }
      this.#changed();
    });
  }

  #changed(): void {
    if (this.#frame !== null || this.#isClosed) return;
    this.#frame = setTimeout(() => {
      this.#frame = null;
      this.#options.invalidate();
    }, frameMs);
  }

  #scroll(rows: number): void {
    this.#terminal.scrollLines(rows);
    this.#options.invalidate();
  }

  #kill(signal: string): void {
    try {
      this.#pty.kill(signal);
    } catch {
      // It has ended by itself.
    }
  }

  #askedFor(): AskedFor {
    const { modes } = this.#terminal;
    const tracking = modes.mouseTrackingMode;
    return {
      applicationCursor: modes.applicationCursorKeysMode,
      bracketedPaste: modes.bracketedPasteMode,
      mouse: tracking === 'none' ? 'none' : tracking === 'drag' || tracking === 'any' ? 'drag' : 'press',
      mouseInNumbers: this.#modes.has(1006),
    };
  }
}

const atLeast = (value: number, least: number): number => (value >= least ? Math.floor(value) : least);
