import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { restorePage } from '../../../core/terminal/workbench/flows/restore/restore-page.ts';
import {
  type Args,
  answer,
  command,
  may,
  noon,
  press,
  SmallBench,
  type SmallDeskParts,
  shot,
  until,
} from './small-desk.ts';

const restore = command('restore.machine');
const hour = 3_600_000;
const point = (id: string, hoursAgo: number) => ({
  point: id.repeat(8),
  takenAt: noon - hoursAgo * hour,
  consistency: 'filesystem',
  target: 'main',
  endpoint: 'lab',
  machineName: 'web-07',
});
const points = [point('a', 1), point('b', 25), point('c', 49)];

const plan = answer('1 make a machine', {
  dryRun: true,
  plan: {
    readBytes: 80 * 1024 ** 3,
    writeBytes: 80 * 1024 ** 3,
    durationMs: 540_000,
    steps: [],
    expires: [],
    warnings: [],
  },
});

const everything: SmallDeskParts = {
  commands: [restore],
  answers: {
    'point.list': () => answer('', { points }),
    'point.show': () => answer('', { point: points[1] ?? {} }),
    'run.list': () => answer('', { runs: [] }),
    'restore.machine': ({ dryRun }) => (dryRun === true ? plan : answer('web-07-restored is there')),
  },
  choices: (_command, argument) => (argument === 'name' ? [may('web-07', 'lab')] : []),
};

const open = (parts: SmallDeskParts = everything, given: Args = { name: 'lab/web-07' }) => {
  const bench = new SmallBench(parts);
  return { bench, page: restorePage(bench, restore, given) };
};

test('a restore begins with the timeline: the newest point is chosen, the new name is filled in, the plan is below', async () => {
  const { page } = open();
  await until('the plan', () => shot(page).includes('takes about 9 min'));
  const frame = shot(page);
  expect(frame).toContain('aaaaaaaa (3 of 3)  2026-11-22T11:00:00Z, 60 min ago · filesystem · on main');
  expect(frame).toContain('web-07-restored');
  expect(page.commandLine()).toBe('holdfast restore machine lab/web-07 --as web-07-restored --at aaaaaaaa');
  page.close?.();
});

test('going left on the timeline restores an older point, and the plan is made anew for it', async () => {
  const { page, bench } = open();
  await until('the points', () => shot(page).includes('(3 of 3)'));
  press(page, '<left><left><left>');
  expect(shot(page)).toContain('cccccccc (1 of 3)');
  press(page, '<enter>');
  await until('it is done', () => bench.desk.done.length === 1);
  const previewed = bench.desk.ran.filter(({ args }) => args.dryRun === true);
  expect(previewed.map(({ args }) => args.at)).toEqual(['cccccccc']);
  expect(bench.desk.done[0]?.args).toEqual({ name: 'lab/web-07', as: 'web-07-restored', at: 'cccccccc', yes: true });
});

test('the chosen point stays chosen when a newer one appears', async () => {
  const later = [...points];
  const { page, bench } = open({
    ...everything,
    answers: { ...everything.answers, 'point.list': () => answer('', { points: [...later] }) },
  });
  await until('the points', () => shot(page).includes('(3 of 3)'));
  press(page, '<left>');
  later.push(point('d', 0));
  bench.desk.at += 60_000;
  bench.desk.change('points');
  await until('the new point', () => shot(page).includes('of 4'));
  expect(shot(page)).toContain('bbbbbbbb (2 of 4)');
  page.close?.();
});

test('a restore point alone says which machine is meant and is the one that is chosen', async () => {
  const { page } = open(everything, { at: 'bbbbbbbb' });
  await until('the points', () => shot(page).includes('bbbbbbbb (2 of 3)'));
  expect(shot(page)).toContain('Restore web-07');
  page.close?.();
});

test('the new name is one that no machine has', async () => {
  const { page } = open({
    ...everything,
    choices: (_command, argument) => (argument === 'machines' ? [may('web-07'), may('lab/web-07-restored')] : []),
  });
  await until('the name', () => (page.commandLine() ?? '').includes('--as web-07-restored-2'));
  page.close?.();
});

test('without a machine the list of those that can be restored is shown', async () => {
  const { page } = open(everything, {});
  await until('the list', () => shot(page).includes('Which machine is to be restored?'));
  press(page, '<enter>');
  await until('the points', () => shot(page).includes('(3 of 3)'));
  page.close?.();
});

test('a machine without restore points says what to do first, and Enter does nothing', async () => {
  const { page, bench } = open({
    ...everything,
    answers: { ...everything.answers, 'point.list': () => answer('', { points: [] }) },
  });
  await until('the answer', () => shot(page).includes('no restore point of lab/web-07 yet'));
  press(page, '<enter>');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(bench.desk.done).toEqual([]);
  page.close?.();
});

test('a repository that cannot be reached is told in the place of the timeline', async () => {
  const problem = new HoldfastError('TARGET_UNREACHABLE', 'main does not answer', { remedy: 'is it mounted?' });
  const { page } = open({
    ...everything,
    answers: { ...everything.answers, 'point.list': () => Promise.reject(problem) },
  });
  await until('the failure', () => shot(page).includes('main does not answer'));
  expect(shot(page)).toContain('is it mounted?');
  page.close?.();
});

test('a timeline that a command draws is read with its notes', async () => {
  const { page } = open({
    ...everything,
    commands: [restore, { ...command('point.list'), id: 'point.timeline' }],
    answers: {
      ...everything.answers,
      'point.timeline': () => ({
        data: {},
        view: {
          kind: 'chart',
          title: '',
          form: 'timeline',
          unit: 'count',
          series: [
            {
              title: 'points',
              points: [{ x: noon, y: 1, id: 'abcdef01', tone: 'good', notes: ['verified', 'locked until 2027-02-20'] }],
            },
          ],
        },
      }),
    },
  });
  await until('the point', () => shot(page, 120, 40).includes('verified · locked until 2027-02-20'));
  page.close?.();
});

for (const [width, height] of [
  [80, 24],
  [120, 40],
  [200, 60],
] as const) {
  test(`the restore of a machine fits into ${width}x${height}`, async () => {
    const { page } = open();
    await until('the plan', () => shot(page, width, height).includes('takes about 9 min'));
    await expect(shot(page, width, height)).toMatchFileSnapshot(`golden/restore-${width}x${height}.txt`);
    page.close?.();
  });
}

test('a click on the timeline chooses that point', async () => {
  const { page } = open();
  await until('the points', () => shot(page).includes('(3 of 3)'));
  page.mouse?.({ kind: 'mouse', action: 'press', button: 'left', x: 2, y: 2 });
  expect(shot(page)).toContain('cccccccc (1 of 3)');
  page.close?.();
});

test('names that act on a terminal are drawn as text', async () => {
  const evil = 'web\x1b[2J\x07\u202e-07';
  const { page } = open(
    {
      ...everything,
      answers: {
        ...everything.answers,
        'point.list': () => answer('', { points: [{ ...point('a', 1), target: evil }] }),
      },
    },
    { name: evil },
  );
  await until('the points', () => shot(page).includes('(1 of 1)'));
  expect(shot(page)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  page.close?.();
});
