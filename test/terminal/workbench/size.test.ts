import { expect, it } from 'vitest';
import { key, sitDown } from './bench.ts';

it.each([
  [39, 9],
  [39, 24],
  [80, 9],
  [1, 1],
])('a window of %i by %i says that it is too small, and recovers', async (columns, rows) => {
  const seat = await sitDown();
  await seat.press('2');
  await seat.shows('web-07');
  seat.emulator.resize(columns, rows);
  await seat.emulator.settled();
  expect(seat.text()).not.toContain('web-07');
  expect(seat.text()).toContain(columns > 1 ? 'too small' : '…');
  // Keys that nobody can see the effect of do nothing.
  await seat.press(key.enter, 'p', '3');
  seat.emulator.resize(80, 24);
  await seat.shows('web-07');
  expect(seat.text()).toContain('holdfast machine list');
});

it('the smallest window that will do shows the view, the command line and who one is', async () => {
  const seat = await sitDown({ columns: 40, rows: 10 });
  await seat.press('2');
  await seat.shows('erp-db');
  expect(seat.text()).toContain('commands');
  expect(seat.text()).toContain('alice');
});

it('the panel takes the place of the page where there is no room for both', async () => {
  const seat = await sitDown({ columns: 60, rows: 14 });
  await seat.press('2', key.ctrl('J'));
  await seat.shows('Runs');
  await seat.hides('web-08');
  await seat.press(key.ctrl('J'));
  await seat.shows('web-08');
});

it('a very large window is filled', async () => {
  const seat = await sitDown({ columns: 500, rows: 200 });
  await seat.press('2');
  await seat.shows('web-07');
  expect(seat.emulator.row(199)).toContain('alice');
});

it('a storm of resizes ends in a frame of the last size', async () => {
  const seat = await sitDown();
  await seat.press('2');
  for (let at = 0; at < 300; at++) seat.emulator.resize(1 + ((at * 37) % 220), 1 + ((at * 13) % 70));
  seat.emulator.resize(100, 30);
  await seat.shows('web-07');
  expect(seat.emulator.row(29)).toContain('alice');
  expect(seat.text().split('\n')).toHaveLength(30);
});
