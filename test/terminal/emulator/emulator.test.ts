import { expect, test } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import { Grid } from '../../../core/terminal/cells/grid.ts';
import { openEmulator } from './emulator.ts';
import { looks, snapshot } from './snapshot.ts';

test('the terminal in memory shows what is written, its colours, its modes and its cursor', async () => {
  const terminal = openEmulator(20, 3);
  terminal.tty.write('\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[1;38;2;1;2;3;44mred\x1b[m 备📼|\x1b]0;the title\x07\x07');
  await terminal.settled();
  expect(terminal.text()).toBe('red 备📼|\n\n');
  expect(terminal.cell(0, 0)).toMatchObject({ char: 'r', fg: '#010203', bg: 4, bold: true, inverse: false });
  expect([terminal.cell(4, 0), terminal.cell(5, 0), terminal.cell(8, 0)].map(({ char }) => char)).toEqual([
    '备',
    '',
    '|',
  ]);
  expect([...terminal.modes]).toEqual([1049, 2004]);
  expect(terminal.cursor()).toBe(null);
  expect([terminal.title, terminal.bells]).toEqual(['the title', 1]);
  terminal.close();
});

test('a stalled terminal holds what it was sent until it takes it', async () => {
  const terminal = openEmulator(20, 2);
  let drained = 0;
  terminal.tty.onDrain(() => {
    drained += 1;
  });
  terminal.stall();
  terminal.tty.write('later');
  await terminal.settled();
  expect([terminal.text(), terminal.tty.pendingBytes]).toEqual(['\n', 5]);
  terminal.drain();
  await terminal.settled();
  expect([terminal.text(), terminal.tty.pendingBytes, drained]).toEqual(['later\n', 0, 1]);
  terminal.close();
});

test('what is typed comes out, a window tells its new size, and a cut line takes nothing more', async () => {
  const terminal = openEmulator(20, 2);
  const seen: string[] = [];
  terminal.tty.onData((bytes) => seen.push(Buffer.from(bytes).toString()));
  terminal.tty.onResize(() => seen.push(`${terminal.tty.columns} x ${terminal.tty.rows}`));
  terminal.tty.onClose(() => seen.push('closed'));
  await terminal.keys('j', '\x1b[A');
  terminal.resize(5, 4);
  terminal.hangUp();
  terminal.tty.write('nobody reads this');
  terminal.close();
  expect(seen).toEqual(['j', '\x1b[A', '5 x 4', 'closed']);
  expect(terminal.bytes).toBe(0);
});

test('a grid and its colours become stable text', () => {
  const grid = new Grid(12, 2);
  grid.surface().text(1, 0, safeText('备份 ok'), { fg: 'tone.good', bold: true });
  expect(snapshot(grid)).toBe('12 x 2\n| 备份 ok\n|\n');
  expect(looks(grid, 0)).toEqual([
    '0-0 editor.foreground on editor.background',
    '1-7 tone.good on editor.background bold',
    '8-11 editor.foreground on editor.background',
  ]);
});
