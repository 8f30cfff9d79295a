import { expect, it } from 'vitest';
import { args, several, text } from '../../../core/shell/registry/declare.ts';
import { key, sitDown } from './bench.ts';
import { table } from './fake-desk.ts';

it('Enter opens what a row stands for in a tab, and escape leads back to the row', async () => {
  const seat = await sitDown();
  await seat.press('2', key.down, key.enter);
  await seat.shows('Machine lab/mail-01');
  expect(seat.text()).toContain('holdfast machine show lab/mail-01');
  await seat.escape();
  await seat.shows(/▌ mail-01/);
});

it('what a row offers is offered where it is shown too', async () => {
  const seat = await sitDown();
  await seat.press('2', key.enter);
  await seat.shows('Machine lab/erp-db');
  expect(seat.text()).toContain('p Protect');
  await seat.press('t');
  await expect.poll(() => seat.desk.ran.join('\n')).toContain('point timeline lab/erp-db');
});

it('alt and the arrows go back and forward through what was looked at', async () => {
  const seat = await sitDown();
  await seat.press('2', '3', '5');
  await seat.shows('holdfast target list');
  await seat.press(key.altLeft);
  await seat.shows('holdfast run list');
  await seat.press(key.altLeft);
  await seat.shows('holdfast machine list');
  await seat.press(key.altRight);
  await seat.shows('holdfast run list');
});

it('the same thing opened twice is one tab', async () => {
  const seat = await sitDown();
  await seat.press('2', key.enter);
  await seat.shows('Machine lab/erp-db');
  await seat.press('2', key.enter);
  await seat.shows('Machine lab/erp-db');
  expect(seat.text().match(/machine show ×/g)).toHaveLength(1);
});

it('the side bar and the panel are shown and hidden by their keys', async () => {
  const seat = await sitDown({ columns: 120, rows: 40 });
  await seat.press('2');
  await seat.shows('▾ Machines');
  await seat.press(key.ctrl('B'));
  await seat.hides('▾ Machines');
  await seat.press(key.ctrl('J'));
  await seat.shows('Problems');
  await seat.press(key.ctrl('J'));
  await seat.hides('Problems');
});

it('a row chosen in the side bar is opened', async () => {
  const seat = await sitDown({ columns: 120, rows: 40 });
  await seat.press('2', key.ctrl('B'), key.ctrl('B'), key.down, key.down, key.enter);
  await seat.shows('Machine lab/mail-01');
});

it('an action takes all marked rows where its command can, and the selected one otherwise', async () => {
  const commands = [
    {
      id: 'tag.add',
      title: 'Tag machines',
      args: args({ machines: several('machines') }, ['machines']),
      positionals: ['machines'],
      danger: 'read' as const,
      load: () => Promise.reject(new Error('never')),
    },
    {
      id: 'tag.show',
      title: 'Show tags',
      args: args({ name: text('machine') }, ['name']),
      positionals: ['name'],
      danger: 'read' as const,
      load: () => Promise.reject(new Error('never')),
    },
  ];
  const told = { data: {}, view: table('Tags', ['tag'], []) };
  const seat = await sitDown({
    commands,
    answers: { 'tag.add': () => told, 'tag.show': () => told },
    views: [
      {
        id: 'tags',
        title: 'Tags',
        activity: 'audit',
        command: 'target.list',
        actions: [
          { key: 'a', title: 'Tag', command: 'tag.add', argument: 'machines', several: true },
          { key: 'b', title: 'Tags of', command: 'tag.show', argument: 'name' },
        ],
      },
    ],
  });
  await seat.press(key.ctrl('P'), ...'Tags', key.enter);
  await seat.shows('s3-fra');
  await seat.press(' ', ' ', 'a');
  await expect.poll(() => seat.desk.ran.join('\n')).toMatch(/tag add.*disk-main.*s3-fra/);
  await seat.escape();
  await seat.press('b');
  await seat.shows('takes one at a time');
  expect(seat.desk.ran.some((line) => line.startsWith('holdfast tag show'))).toBe(true);
});

it('a view of a plugin appears without a restart and goes without a crash', async () => {
  const seat = await sitDown();
  await seat.press('8');
  seat.desk.set({ views: [{ id: 'scan', title: 'Malware scans', activity: 'audit', command: 'endpoint.list' }] });
  seat.desk.tell('plugins');
  await seat.press('8');
  await seat.shows('Malware scans');
  seat.desk.set({ views: [] });
  seat.desk.tell('plugins');
  await seat.hides('Malware scans');
  await seat.press('2');
  await seat.shows('erp-db');
});

it('with nothing configured the first steps are shown', async () => {
  const seat = await sitDown({ isEmpty: true, columns: 100, rows: 30 });
  await seat.shows('Welcome');
  await seat.shows('Add a hypervisor');
});

it('what the person did last time is there again: activity, columns and sort', async () => {
  const first = await sitDown();
  await first.press('2', 's');
  await expect.poll(() => first.desk.kept.get('tables')).toBeDefined();
  await expect.poll(() => first.desk.kept.get('activity')).toBe('machines');
  const second = await sitDown({ memory: Object.fromEntries(first.desk.kept) });
  await second.shows('holdfast machine list');
});

it('a mouse click goes to an activity, a tab and a row', async () => {
  const seat = await sitDown();
  const click = (x: number, y: number): readonly string[] => [`\x1b[<0;${x};${y}M`, `\x1b[<0;${x};${y}m`];
  await seat.press(...click(14, 1));
  await seat.shows('holdfast machine list');
  await seat.press(...click(14, 2));
  await seat.shows('holdfast endpoint list');
});

it('somebody who looks on is announced', async () => {
  const seat = await sitDown();
  seat.bench.notice('the server stops in a minute');
  await seat.shows('the server stops in a minute');
  seat.bench.observedBy(['bob']);
  await seat.shows('bob can see what you see');
  await seat.shows('watched by bob');
});

it('what observers see is what is shown', async () => {
  const seat = await sitDown();
  await seat.press('2');
  await seat.shows('web-07');
  expect(seat.bench.text().trimEnd()).toBe(seat.text().trimEnd());
});

it('where there is room, what matters of the selected row stands below its table', async () => {
  const seat = await sitDown({ columns: 120, rows: 40 });
  await seat.press('2', key.down);
  await seat.shows('Machine lab/mail-01');
  await seat.press(key.down);
  await seat.shows('Machine lab/web-07');
  expect(seat.text()).toContain('erp-db');
});

it('leaving asks about what was typed and not done', async () => {
  const seat = await sitDown();
  await seat.press(key.ctrl('P'), ...'remove an endpoint', key.enter);
  await seat.shows('Remove an endpoint');
  await seat.press(...'lab', key.ctrl('Q'));
  await seat.shows('What you filled in is lost');
  await seat.press(key.enter);
  await seat.hides('What you filled in is lost');
  expect(seat.text()).toContain('Remove an endpoint');
});
