import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import unicode from '@xterm/addon-unicode11';
import headless from '@xterm/headless';
import type { ColourDepth, Tty } from '../../../core/terminal/contract.ts';
import { isBusy } from '../../../core/terminal/screen/busy.ts';
import { type Cell, Picture } from './picture.ts';

/** How long `shows` waits before it fails with a picture of what is there instead. */
const patienceMs = 10_000;

/** A terminal in memory, as a person's would be: what is written to its `tty` is drawn, what is typed comes out of it. */
export interface Emulator {
  /** What a screen is opened on. */
  readonly tty: Tty;
  /** Types bytes as a terminal sends them, in one packet: `'j'`, `'\x1b[A'`, `'\x1b[200~pasted\x1b[201~'`. */
  type(packet: string | Uint8Array): void;
  /** Types keys one packet each and lets each have its effect. */
  keys(...packets: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Everything shown: rows joined by newlines, blanks at their ends cut. */
  text(): string;
  row(y: number): string;
  cell(x: number, y: number): Cell;
  /** Where the cursor is shown; `null` when it is hidden. */
  cursor(): { readonly x: number; readonly y: number } | null;
  /** Bytes that were sent so far, as UTF-8. */
  readonly bytes: number;
  /** All that was sent so far, as it came. */
  readonly sent: string;
  /** Private modes that are set now: 1049 is the other screen, 25 the cursor, 1002 and 1006 the mouse, 2004 pasting. */
  readonly modes: ReadonlySet<number>;
  readonly title: string;
  readonly bells: number;
  /** When every frame that is due has been drawn and shown. What still waits for other things (a run, a file) is not waited for. */
  settled(): Promise<void>;
  /** When the text is shown; fails with what is shown instead. For what takes its own time. */
  shows(text: string | RegExp): Promise<void>;
  /** When the text is shown no more. */
  hides(text: string | RegExp): Promise<void>;
  /** From now on nothing is taken: bytes stay pending until `drain`. */
  stall(): void;
  drain(): void;
  /** The line is cut. */
  hangUp(): void;
  close(): void;
}

/** Opens a terminal of xterm's make with the letter widths of Unicode 11; its default widths hide misplaced emoji. */
export function openEmulator(columns: number, rows: number, depth: ColourDepth = 'truecolor'): Emulator {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
  terminal.loadAddon(new unicode.Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  const picture = new Picture(terminal);
  const listeners = { data: new Set<(bytes: Uint8Array) => void>(), resize: new Set<() => void>() };
  const ends = { drain: new Set<() => void>(), close: new Set<() => void>() };
  let size = { columns, rows };
  let held: string | null = null;
  let sent = '';
  let bytes = 0;
  let bells = 0;
  let title = '';
  let isGone = false;
  terminal.onBell(() => {
    bells += 1;
  });
  terminal.onTitleChange((next) => {
    title = next;
  });

  const on = <T>(set: Set<T>, listener: T) => {
    set.add(listener);
    return () => void set.delete(listener);
  };
  const tty: Tty = {
    get columns() {
      return size.columns;
    },
    get rows() {
      return size.rows;
    },
    depth,
    write(text) {
      if (isGone) return;
      sent += text;
      bytes += Buffer.byteLength(text);
      if (held === null) terminal.write(text);
      else held += text;
    },
    get pendingBytes() {
      return held === null ? 0 : Buffer.byteLength(held);
    },
    onDrain: (listener) => on(ends.drain, listener),
    onData: (listener) => on(listeners.data, listener),
    onResize: (listener) => on(listeners.resize, listener),
    onClose: (listener) => on(ends.close, listener),
  };

  const parsed = () => new Promise<void>((done) => terminal.write('', done));
  const settled = async (): Promise<void> => {
    for (let quiet = 0; quiet < 4; quiet++) {
      const before = bytes;
      await turn();
      if (isBusy(tty)) await wait(2);
      if (isBusy(tty) || bytes !== before) quiet = -1;
    }
    await parsed();
  };
  const text = () => picture.text();
  const until = async (isRight: () => boolean, what: string): Promise<void> => {
    const signal = AbortSignal.timeout(patienceMs);
    for (;;) {
      await settled();
      if (isRight()) return;
      if (signal.aborted) throw new Error(`${what}; what is shown:\n${text()}`);
      await wait(5);
    }
  };
  const has = (what: string | RegExp) => (typeof what === 'string' ? text().includes(what) : what.test(text()));
  const type = (packet: string | Uint8Array) => {
    const data = typeof packet === 'string' ? Buffer.from(packet) : packet;
    for (const listener of [...listeners.data]) listener(data);
  };
  const hangUp = () => {
    if (isGone) return;
    isGone = true;
    for (const listener of [...ends.close]) listener();
  };

  return {
    tty,
    type,
    async keys(...packets) {
      for (const packet of packets) {
        type(packet);
        await settled();
      }
    },
    resize(nextColumns, nextRows) {
      size = { columns: nextColumns, rows: nextRows };
      terminal.resize(nextColumns, nextRows);
      for (const listener of [...listeners.resize]) listener();
    },
    text,
    row: (y) => picture.row(y),
    cell: (x, y) => picture.cell(x, y),
    cursor: () => picture.cursor(),
    get bytes() {
      return bytes;
    },
    get sent() {
      return sent;
    },
    get modes() {
      return picture.modes;
    },
    get title() {
      return title;
    },
    get bells() {
      return bells;
    },
    settled,
    shows: (what) => until(() => has(what), `${what} was never shown`),
    hides: (what) => until(() => !has(what), `${what} is still shown`),
    stall() {
      held ??= '';
    },
    drain() {
      if (held === null) return;
      terminal.write(held);
      held = null;
      for (const listener of [...ends.drain]) listener();
    },
    hangUp,
    close() {
      hangUp();
      terminal.dispose();
    },
  };
}
