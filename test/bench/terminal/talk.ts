import { createRequire } from 'node:module';
import { setTimeout as rest } from 'node:timers/promises';
import { type KeyTimes, keyTimes } from './figures.ts';

/** The part of node-pty that is used; its own types do not bear its name here. */
interface Pty {
  write(text: string): void;
  onData(listener: (text: string) => void): { dispose(): void };
  onExit(listener: () => void): void;
  kill(signal: string): void;
}

const { spawn } = createRequire(import.meta.url)('node-pty') as {
  spawn(file: string, args: readonly string[], options: object): Pty;
};

export const columns = 200;
export const rows = 60;

/** A program at the other end of a terminal, here or over SSH. */
export interface Talk {
  type(text: string): void;
  /** Calls for each piece that comes, with its bytes. */
  onData(listener: (text: string, bytes: number) => void): () => void;
  /** When the program has ended. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** How long nothing comes before the next key is pressed. */
const quietMs = 30;
/** A key that nothing answers in this time was none. */
const patienceMs = 2000;

/** Starts a program in a pseudo-terminal. */
export function openPty(argv: readonly string[], how: { readonly env?: Readonly<Record<string, string>> } = {}): Talk {
  const [file = '', ...args] = argv;
  const env = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '/', LANG: 'C.UTF-8', ...how.env };
  const pty = spawn(file, args, { cols: columns, rows, name: 'xterm-256color', env, cwd: env.HOME });
  const ended = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  return {
    type: (text) => pty.write(text),
    onData: (listener) => {
      const undo = pty.onData((text) => listener(text, Buffer.byteLength(text)));
      return () => undo.dispose();
    },
    ended,
    close: async () => {
      pty.kill('SIGKILL');
      await ended;
    },
  };
}

/** Waits until this was shown, whatever stands between its letters. */
export async function shows(talk: Talk, wanted: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let text = '';
  const undo = talk.onData((more) => {
    text = (text + more).slice(-200_000);
    if (wordsOf(text).includes(wanted)) resolve();
  });
  const late = setTimeout(() => reject(new Error(`${wanted} was never shown`)), 20_000);
  try {
    await promise;
  } finally {
    clearTimeout(late);
    undo();
  }
}

/** What is written, without what moves and colours it. */
export const wordsOf = (text: string): string =>
  text.replaceAll(/\x1b(?:\[[0-9;?]*[a-zA-Z]|\][^\x07]*\x07|[()][0-9A-B])/g, '');

/** Waits until nothing has come for a while. */
export async function quiet(talk: Talk, ms = 300): Promise<void> {
  let last = performance.now();
  const undo = talk.onData(() => {
    last = performance.now();
  });
  while (performance.now() - last < ms) await rest(20);
  undo();
}

/** Presses these keys one after the other, each when what came of the one before has been shown. */
export async function press(talk: Talk, keys: readonly string[]): Promise<KeyTimes> {
  const waits: number[] = [];
  let bytes = 0;
  let last = 0;
  let first: (() => void) | null = null;
  const undo = talk.onData((_text, size) => {
    bytes += size;
    last = performance.now();
    first?.();
    first = null;
  });
  for (const key of keys) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    first = resolve;
    const late = setTimeout(() => reject(new Error('a key was not answered')), patienceMs);
    const began = performance.now();
    talk.type(key);
    await promise;
    clearTimeout(late);
    waits.push(last - began);
    while (performance.now() - last < quietMs) await rest(quietMs / 3);
  }
  undo();
  return keyTimes(waits, bytes);
}

const times = (key: string, count: number): string[] => Array.from({ length: count }, () => key);

/** Moves up and down within what is shown, then scrolls row by row. */
export async function pressThrough(
  talk: Talk,
  down: string,
  up: string,
  count: number,
): Promise<{ readonly within: KeyTimes; readonly scrolling: KeyTimes }> {
  const round = [...times(down, 15), ...times(up, 15)];
  await press(talk, round);
  const within = await press(talk, Array.from({ length: Math.ceil(count / round.length) }, () => round).flat());
  await press(talk, times(down, rows + 10));
  return { within, scrolling: await press(talk, times(down, count)) };
}
