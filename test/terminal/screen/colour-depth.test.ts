import fs from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import type { Surface, Tty } from '../../../core/terminal/contract.ts';
import { colourDepth, erasesInColour } from '../../../core/terminal/screen/colour-depth.ts';
import { openScreen } from '../../../core/terminal/screen/open.ts';
import { openEmulator } from '../emulator/emulator.ts';
import { testTheme } from '../emulator/test-theme.ts';
import { openTestScreen } from './open-test-screen.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

test('defect 1: what a client calls its terminal only picks from a list, whatever it is', () => {
  const hostile = [
    '/dev/zero',
    '../../etc/passwd',
    'xterm\x1b[2J',
    '%s',
    '',
    ' ',
    'x'.repeat(100_000),
    'xterm/../x',
    '\0',
    '__proto__',
  ];
  expect(hostile.map((term) => colourDepth(term, {}))).toEqual(hostile.map(() => 'mono'));
});

test('defect 1 and 2: no file is read and no string compiled to open a screen, whatever the environment names', async () => {
  const first = await openTestScreen({ columns: 10, rows: 2 });
  first.screen.close();
  vi.stubEnv('TERM', '/dev/zero');
  vi.stubEnv('TERMINFO', '/dev');
  vi.stubEnv('TMUX', '/tmp/nothing,1,0');
  const reads = ['readFileSync', 'openSync', 'statSync', 'readdirSync'] as const;
  const spies = reads.map((name) => vi.spyOn(fs, name));
  const { terminal, crashes } = await openTestScreen({ columns: 10, rows: 2 }, (surface) =>
    surface.text(0, 0, safeText('─ ok')),
  );
  expect(spies.flatMap((spy) => spy.mock.calls)).toEqual([]);
  expect([terminal.row(0), crashes]).toEqual(['─ ok      ', []]);
  expect(terminal.sent).not.toContain('Ptmux');
});

test('defect 2: terminals whose description blessed cannot read have all their colours', () => {
  const names = ['xterm-kitty', 'alacritty', 'xterm-ghostty', 'foot', 'wezterm', 'xterm-direct', 'tmux-direct'];
  expect(names.map((term) => colourDepth(term, {}))).toEqual(names.map(() => 'truecolor'));
  expect(colourDepth('tmux-256color', {})).toBe('256');
});

test.each([
  ['xterm-256color', {}, '256'],
  ['xterm-256color', { COLORTERM: 'truecolor' }, 'truecolor'],
  ['screen-256color', { COLORTERM: '24bit' }, 'truecolor'],
  ['xterm', {}, '256'],
  ['xterm-16color', {}, '16'],
  ['screen', {}, '16'],
  ['tmux', {}, '16'],
  ['linux', { COLORTERM: 'truecolor' }, '16'],
  ['never-heard-of', {}, '16'],
  ['vt100', { COLORTERM: 'truecolor' }, 'mono'],
  ['xterm-mono', {}, 'mono'],
  ['dumb', {}, 'mono'],
  ['xterm-kitty', { NO_COLOR: '1' }, 'mono'],
  ['xterm-kitty', { NO_COLOR: '' }, 'truecolor'],
])('a terminal that calls itself %s with %o shows %s colours', (term, env, depth) => {
  expect(colourDepth(term, env)).toBe(depth);
});

test('a terminal that erases in its own colour is sent its blanks instead', async () => {
  expect([erasesInColour('xterm-256color'), erasesInColour('screen-256color')]).toEqual([true, false]);
  const terminal = openEmulator(30, 2);
  const tty: Tty = Object.create(terminal.tty, { erasesInColour: { value: false } });
  const theme = testTheme();
  const draw = (surface: Surface) => surface.text(0, 0, safeText('here'));
  const screen = openScreen({ tty, theme: () => theme, draw, onCrash: () => {} });
  await terminal.shows('here');
  expect(terminal.sent).not.toMatch(/\x1b\[\d*[XK]/);
  expect(terminal.cell(29, 1).bg).toBe('#15181d');
  screen.close();
  terminal.close();
});
