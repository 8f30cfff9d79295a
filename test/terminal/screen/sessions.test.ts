import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import type { Tty } from '../../../core/terminal/contract.ts';
import { GuardedTty } from '../../../core/terminal/screen/guard.ts';
import { openEmulator } from '../emulator/emulator.ts';
import { openTestScreen } from './open-test-screen.ts';

test('defect 10: a thousand sessions that came and went leave less than half a megabyte, one takes at most three', async () => {
  const script = new URL('many-sessions.ts', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script, '1000']);
  const { eachBytes, leftBytes } = JSON.parse(stdout);
  expect(eachBytes).toBeLessThan(3_000_000);
  expect(leftBytes).toBeLessThan(500_000);
});

test('defect 10: each session shows its own, however many there are', async () => {
  const sessions = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      openTestScreen({ columns: 20 + i, rows: 2 }, (surface) => surface.text(0, 0, safeText(`session ${i}`))),
    ),
  );
  sessions[3]?.terminal.resize(50, 5);
  for (const { terminal } of sessions) await terminal.settled();
  expect(sessions.map(({ terminal }) => terminal.row(0).trimEnd())).toEqual(sessions.map((_, i) => `session ${i}`));
  sessions[0]?.screen.close();
  sessions[1]?.screen.invalidate();
  expect(sessions[1]?.terminal.modes.has(1049)).toBe(true);
});

test('defect 8: a line that dies within a write swallows what is written, and tells that it is dead once', () => {
  const terminal = openEmulator(20, 2);
  let writes = 0;
  const broken: Tty = Object.create(terminal.tty, {
    write: {
      value: () => {
        writes += 1;
        throw new Error('write after end');
      },
    },
  });
  const guarded = new GuardedTty(broken);
  let told = 0;
  guarded.onClose(() => {
    told += 1;
  });
  guarded.write('one');
  guarded.write('two');
  terminal.hangUp();
  expect([writes, told, guarded.isDead, guarded.pendingBytes]).toEqual([1, 1, true, 0]);
  terminal.close();
});

test('defect 8: a person who goes away in the middle of anything ends the screen and nothing else', async () => {
  const { terminal, screen, crashes } = await openTestScreen({ columns: 20, rows: 2 }, (surface) =>
    surface.text(0, 0, safeText('x')),
  );
  let told = 0;
  screen.onClose(() => {
    told += 1;
  });
  terminal.stall();
  screen.invalidate();
  terminal.type('\x1b');
  const before = terminal.bytes;
  terminal.hangUp();
  terminal.drain();
  screen.invalidate();
  screen.title(safeText('late'));
  screen.bell();
  screen.close();
  await terminal.settled();
  expect([told, crashes, terminal.bytes]).toEqual([1, [], before]);
});

test('what a listener throws ends the screen with the terminal restored', async () => {
  const { terminal, screen, crashes } = await openTestScreen({ columns: 20, rows: 2 });
  screen.onInput(() => {
    throw new Error('a key was too much');
  });
  terminal.type('jj');
  await terminal.settled();
  expect(crashes).toEqual([new Error('a key was too much')]);
  expect([terminal.modes.has(1049), terminal.modes.has(2004), terminal.modes.has(25)]).toEqual([false, false, true]);
});

test('a screen that was closed draws nothing more and hears nothing more', async () => {
  let drawn = 0;
  const { terminal, screen } = await openTestScreen({ columns: 20, rows: 2 }, () => {
    drawn += 1;
  });
  const keys: unknown[] = [];
  screen.onInput((input) => keys.push(input));
  screen.invalidate();
  screen.close();
  const { bytes } = terminal;
  terminal.type('j');
  terminal.resize(10, 5);
  screen.invalidate();
  screen.close();
  await terminal.settled();
  expect([drawn, keys, terminal.bytes]).toEqual([1, [], bytes]);
});
