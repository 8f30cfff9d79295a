import { HoldfastError } from '@holdfast/api';
import { expect, it } from 'vitest';
import { key, sitDown } from './bench.ts';

it('a command that throws costs its page, not the session, and stands under Problems', async () => {
  const answers = {
    'target.doctor': () => {
      throw new TypeError('a plugin did \x1b[2J what nobody expected');
    },
  };
  const seat = await sitDown({ answers, columns: 120, rows: 40 });
  await seat.press('5', key.enter);
  await seat.shows('TypeError: a plugin did ␛[2J what nobody expected');
  await seat.shows('1 problem');
  await seat.press(key.ctrl('P'), ...'show the problems', key.enter);
  await seat.press(key.enter);
  await seat.shows('(unexpected: please');
  await seat.press(key.enter, 'd');
  await seat.hides('1 problem');
  await seat.press('2');
  await seat.shows('erp-db');
});

it('a view that cannot be read says why and what to do, and F5 tries again', async () => {
  const seat = await sitDown();
  seat.desk.set({
    answers: {
      'point.list': () => {
        throw new HoldfastError('TARGET_UNREACHABLE', 'disk-main does not answer', { remedy: 'is its disk mounted?' });
      },
    },
  });
  await seat.press('4');
  await seat.shows('disk-main does not answer [TARGET_UNREACHABLE]');
  await seat.shows('is its disk mounted?');
  seat.desk.set({ answers: {} });
  await seat.press(key.f5);
  await seat.shows('a1b2c3d4');
});

it('what was read before stays when it cannot be read again, marked as old', async () => {
  const seat = await sitDown();
  await seat.press('4');
  await seat.shows('a1b2c3d4');
  seat.desk.set({
    answers: {
      'point.list': () => {
        throw new HoldfastError('TARGET_UNREACHABLE', 'disk-main does not answer');
      },
    },
  });
  seat.desk.pass(5000);
  seat.desk.tell('points');
  await seat.shows('not up to date: disk-main does not answer');
  expect(seat.text()).toContain('a1b2c3d4');
});

it('problems of the installation are counted in the status bar and told in the panel', async () => {
  const problems = [
    {
      id: 'plugin @acme/scan',
      at: 0,
      source: '@acme/scan',
      text: 'did not start within 10 s',
      remedy: 'holdfast plugin show @acme/scan',
    },
  ];
  const seat = await sitDown({ problems, columns: 120, rows: 40 });
  await seat.shows('1 problem');
  await seat.press(key.ctrl('J'), key.tab, key.tab);
  await seat.shows('did not start within 10 s');
});

it('a desk that never answers leaves keys, palette and leaving as they are', async () => {
  const seat = await sitDown({ isSilent: true });
  await seat.shows('…');
  await seat.press('2', key.ctrl('P'));
  await seat.shows('Find and run anything');
  await seat.press(...'go to audit', key.enter);
  await seat.press('?');
  await seat.shows('Keys:');
  await seat.escape();
  await seat.hides('Keys:');
  await seat.press('q');
  await seat.bench.ended;
});

it('a view that hangs says so after a while', async () => {
  const seat = await sitDown();
  seat.desk.set({ isSilent: true });
  await seat.press('3');
  await seat.shows('… holdfast run list');
  seat.desk.pass(12_000);
  await seat.shows('no answer for 12 s');
});

it.each([
  ['no view', {}],
  ['a table without rows', { kind: 'table', title: 'x' }],
  ['a kind that nobody knows', { kind: 'hologram', title: 'x' }],
  [
    'cells that are none',
    { kind: 'table', title: 'x', columns: [{ key: 'a', title: 'a' }], rows: [{ id: 'r', cells: { a: 7 } }] },
  ],
])('a plugin that answers %s costs its page at most, and the session lives', async (_, view) => {
  const seat = await sitDown({ answers: { 'point.list': () => ({ data: null, view: view as never }) } });
  await seat.press('4', key.down, key.enter, '/', 'a', key.enter);
  await seat.press('2');
  await seat.shows('erp-db');
});

it('a crash of the screen gives the terminal back and is told to whoever opened the workbench', async () => {
  const seat = await sitDown();
  Object.defineProperty(seat.desk, 'site', {
    get() {
      throw new RangeError('the frame itself is broken');
    },
  });
  await seat.press('3');
  await expect(seat.bench.ended).rejects.toThrow('the frame itself is broken');
  expect(seat.emulator.modes.has(1049)).toBe(false);
});
