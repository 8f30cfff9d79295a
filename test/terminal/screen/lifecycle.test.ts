import { createRequire } from 'node:module';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type Emulator, openEmulator } from '../emulator/emulator.ts';
import { openTestScreen } from './open-test-screen.ts';

interface Pty {
  readonly pid: number;
  onData(listener: (data: string) => void): void;
  onExit(listener: (exit: { exitCode: number; signal?: number }) => void): void;
  write(data: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: string): void;
}

const require = createRequire(import.meta.url);
const { spawn } = require('node-pty') as { spawn(program: string, rest: string[], options: object): Pty };
const script = new URL('local-session.ts', import.meta.url).pathname;

interface Session {
  readonly pty: Pty;
  readonly terminal: Emulator;
  readonly exited: Promise<{ exitCode: number; signal?: number }>;
}

/** The program in a real pseudo-terminal, shown in a terminal in memory. */
async function start(how: string): Promise<Session> {
  const terminal = openEmulator(50, 12);
  const pty = spawn(process.execPath, [script, how], {
    cols: 50,
    rows: 12,
    name: 'xterm-256color',
    env: { PATH: process.env.PATH, COLORTERM: 'truecolor' },
  });
  pty.onData((data) => terminal.tty.write(data));
  const exited = new Promise<{ exitCode: number; signal?: number }>((resolve) => pty.onExit(resolve));
  onTestFinished(async () => {
    try {
      pty.kill('SIGKILL');
    } catch {}
    await exited;
    terminal.close();
  });
  await terminal.shows('session 50 x 12');
  return { pty, terminal, exited };
}

const restored = ({ modes }: Emulator) =>
  [1049, 1000, 1002, 1006, 2004].every((mode) => !modes.has(mode)) && modes.has(25);

test('defect 9: an exception that nobody catches leaves the terminal restored and can be read on it', async () => {
  const { pty, terminal, exited } = await start('crash');
  expect(restored(terminal)).toBe(false);
  pty.write('x');
  expect((await exited).exitCode).toBe(1);
  await terminal.settled();
  expect(restored(terminal)).toBe(true);
  expect(terminal.text()).toContain('Error: nobody caught this');
  // What the shell writes next stands below it.
  terminal.tty.write('prompt$');
  await terminal.settled();
  expect(terminal.text()).toMatch(/Node\.js v[\d.]+\n+prompt\$\s*$/);
  expect(terminal.text()).not.toContain('typed nothing');
});

test('defect 9: what drawing throws ends the screen, not the process, and the terminal is restored before it is told', async () => {
  const { pty, terminal, exited } = await start('draw');
  pty.write('x');
  expect((await exited).exitCode).toBe(7);
  await terminal.settled();
  expect([restored(terminal), terminal.text().trim()]).toEqual([true, 'crashed: a widget is broken']);
});

test.each(['SIGTERM', 'SIGHUP', 'SIGINT'])(
  'defect 9: %s ends the process as it should, with the terminal restored',
  async (signal) => {
    const { pty, terminal, exited } = await start('wait');
    pty.kill(signal);
    const exit = await exited;
    expect(exit.signal).toBe({ SIGTERM: 15, SIGHUP: 1, SIGINT: 2 }[signal]);
    await terminal.settled();
    expect([restored(terminal), terminal.text().trim()]).toEqual([true, '']);
  },
);

test('defect 9: whoever listens to SIGTERM decides how the process ends', async () => {
  const { pty, terminal, exited } = await start('late');
  pty.kill('SIGTERM');
  expect((await exited).exitCode).toBe(5);
  await terminal.settled();
  expect([restored(terminal), terminal.text().trim()]).toEqual([true, 'ended as it wished']);
});

test('a session that is closed gives the terminal back, and the process ends by itself', async () => {
  const { pty, terminal, exited } = await start('close');
  pty.write('x');
  expect((await exited).exitCode).toBe(0);
  await terminal.settled();
  terminal.tty.write('prompt$');
  await terminal.settled();
  expect([restored(terminal), terminal.text().trim()]).toEqual([true, 'closed in order\nprompt$']);
});

test('a session that is stopped gives the terminal back, and draws itself anew when it goes on', async () => {
  const { pty, terminal } = await start('wait');
  pty.kill('SIGTSTP');
  while (!restored(terminal)) await wait(10);
  pty.kill('SIGCONT');
  await terminal.shows('session 50 x 12');
  expect(restored(terminal)).toBe(false);
  pty.write('\x1b[A');
  await terminal.shows('typed up');
});

test('a real terminal tells its keys and its new size', async () => {
  const { pty, terminal } = await start('wait');
  pty.write('\x1b[1;5C');
  await terminal.shows('typed ctrl+right');
  // Ctrl-C is a key, not a signal.
  pty.write('\x03');
  await terminal.shows('typed ctrl+c');
  terminal.resize(60, 9);
  pty.resize(60, 9);
  await terminal.shows('session 60 x 9');
});

test('defect 9 and 10: screens listen to nothing of the process and are no one else’s', async () => {
  const signals = ['uncaughtException', 'SIGTERM', 'SIGINT', 'SIGQUIT', 'exit'];
  const before = signals.map((name) => process.listenerCount(name));
  await openTestScreen({ columns: 10, rows: 2 });
  await openTestScreen({ columns: 10, rows: 2 });
  expect(signals.map((name) => process.listenerCount(name))).toEqual(before);
  const blessed = require('blessed/lib/widgets/screen.js') as { global: unknown; instances: unknown[] };
  expect([blessed.global, blessed.instances]).toEqual([null, []]);
});
