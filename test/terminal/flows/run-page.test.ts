import type { Plain } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { runPage } from '../../../core/terminal/workbench/flows/run/run-page.ts';
import { answer, noon, press, SmallBench, shot, until } from './small-desk.ts';

const running = {
  run: {
    id: '8f2c41aa00000000',
    kind: 'protect',
    endpoint: 'lab',
    machineName: 'erp-db',
    state: 'running',
    steps: [{ use: 'snapshot' }, { use: 'proxy' }, { use: 'copy' }],
    createdAt: noon - 40_000,
    startedAt: noon - 38_000,
    endedAt: null,
    cancelAskedBy: null,
    error: null,
    progress: {
      phase: 'reading disk vda',
      doneBytes: 18.2 * 1024 ** 3,
      totalBytes: 31 * 1024 ** 3,
      bytesPerSecond: 612 * 1024 ** 2,
      etaMs: 21_000,
      bottleneck: 'source',
    },
    result: null,
  },
  steps: [
    { index: 0, state: 'done', startedAt: noon - 38_000, endedAt: noon - 36_800 },
    { index: 1, state: 'running', startedAt: noon - 36_800, endedAt: null },
  ],
  reasons: [{ at: noon, decision: 'incremental read of vda', because: 'tracking is intact since 38 min ago' }],
  log: [{ at: noon - 30_000, level: 'info', text: '4,112 changed extents' }],
};
const ended = (more: Readonly<Record<string, Plain>>) => ({
  ...running,
  run: { ...running.run, state: 'done', endedAt: noon, progress: null, ...more },
});

/** A bench on which the run is what the test says it is by then. */
function watching(first: Plain = running) {
  const now = { data: first };
  const bench = new SmallBench({
    answers: {
      'run.show': () => answer('', now.data),
      'run.cancel': () => answer('asked to stop'),
      'run.retry': () => answer('done'),
    },
  });
  const page = runPage(bench, '8f2c41aa00000000');
  return { bench, page, now };
}

test('a run shows its steps, speed, bottleneck and time left, and why it reads what it reads', async () => {
  const { page } = watching();
  await until('the run', () => shot(page, 120, 40).includes('erp-db'));
  const frame = shot(page, 120, 40);
  expect(frame).toContain('▶ 8f2c41aa · protect · lab/erp-db · running for 38 s');
  expect(frame).toContain('incremental read of vda, because tracking is intact since 38 min ago');
  expect(frame).toContain('● snapshot 1.2 s   ▶ proxy 37 s   ○ copy');
  expect(frame).toMatch(/18\.2 GiB of 31 GiB.*612 MiB\/s/);
  expect(frame).toContain('▶ source');
  expect(frame).toContain('4,112 changed extents');
  expect(page.commandLine()).toBe('holdfast run watch 8f2c41aa00000000');
});

test('a run that is tried again tells each decision once, and not what the last attempt cleaned', async () => {
  const [reason] = running.reasons;
  const { page } = watching({
    ...running,
    reasons: [reason ?? {}, { decision: 'full read of vdb', because: 'it is new' }, reason ?? {}],
    run: { ...running.run, result: { cleaned: ['released the snapshot of erp-db'] } },
  });
  await until('the run', () => shot(page).includes('full read of vdb, because it is new'));
  expect(shot(page).split('incremental read of vda')).toHaveLength(2);
  expect(shot(page)).not.toContain('cleaned');
});

test('y shows the decisions in the place of the log', async () => {
  const { page } = watching();
  await until('the run', () => shot(page).includes('erp-db'));
  press(page, 'y');
  expect(shot(page)).toContain('DECISION');
  press(page, 'y');
  expect(shot(page)).not.toContain('DECISION');
});

test('c asks, stops the run safely, and tells what was cleaned once it has ended', async () => {
  const { page, bench, now } = watching();
  await until('the run', () => shot(page).includes('erp-db'));
  press(page, 'c');
  await until('it is asked to stop', () => bench.desk.done.length === 1);
  expect(bench.confirmed[0]?.consequence).toContain('Restore points of lab/erp-db that are there already stay');
  expect(bench.desk.done).toEqual([{ command: 'run.cancel', args: { run: '8f2c41aa00000000', yes: true } }]);
  now.data = { ...running, run: { ...running.run, cancelAskedBy: 'anna' } };
  bench.tick(page);
  await until('that it stops', () => shot(page).includes('stopping safely'));
  now.data = ended({ state: 'cancelled', result: { cleaned: ['released snapshot snap-4411 of erp-db'] } });
  bench.tick(page);
  await until('what was cleaned', () => shot(page).includes('cleaned: released snapshot snap-4411 of erp-db'));
});

test('who answers no to the question stops nothing', async () => {
  const { page, bench } = watching();
  bench.says = false;
  await until('the run', () => shot(page).includes('erp-db'));
  press(page, 'c');
  await until('the question', () => bench.confirmed.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(bench.desk.done).toEqual([]);
});

test('a run that failed says why and what to do, and r runs it again from where it got to', async () => {
  const error = { code: 'TARGET_FULL', message: 'no room left on main', remedy: 'free space, then retry' };
  const { page, bench } = watching(ended({ state: 'failed', error }));
  await until('the failure', () => shot(page).includes('no room left on main [TARGET_FULL]'));
  expect(shot(page)).toContain('free space, then retry');
  press(page, 'r');
  await until('it runs again', () => bench.desk.done.length === 1);
  expect(bench.desk.done).toEqual([{ command: 'run.retry', args: { run: '8f2c41aa00000000', yes: true } }]);
});

test('a run that is over is not asked for again, and one that is done cannot be retried', async () => {
  const { page, bench } = watching(
    ended({
      result: {
        point: { point: 'abcdef01' },
        disks: { vda: { readBytes: 1024, newBytes: 512, duplicateBytes: 0, storedBytes: 256 } },
      },
    }),
  );
  await until('the end', () => shot(page).includes('done after 38 s'));
  expect(shot(page)).toContain('read 1 KiB · new 512 B · there already 0 B · stored 256 B');
  bench.tick(page);
  press(page, 'r');
  press(page, 'c');
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(bench.desk.ran).toHaveLength(1);
  press(page, 'p');
  expect(bench.commands).toEqual([{ command: 'point.show', args: { point: 'abcdef01' } }]);
});

test('a run that is not there is told with what to do', async () => {
  const bench = new SmallBench({
    answers: {
      'run.show': () =>
        Promise.reject(new HoldfastError('RUN_NOT_FOUND', 'there is no run 8f2c', { remedy: 'look at `run list`' })),
    },
  });
  const page = runPage(bench, '8f2c');
  await until('the failure', () => shot(page).includes('there is no run 8f2c'));
});

test.each([
  null,
  [],
  'nothing',
  { run: [] },
  { run: { id: 7, steps: 'none', progress: 3, result: [] }, log: {}, reasons: 5, steps: null },
  { run: { id: '\x1b[2J', machineName: '\u202e\x07', state: 'constructor', steps: [{ use: '\x1b]52;c;AAAA\x07' }] } },
])('whatever a run answers is drawn without a mistake and without acting on the terminal', async (data) => {
  const { page, bench } = watching(data as Plain);
  await until('the answer', () => bench.desk.ran.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(shot(page)).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
});

for (const [width, height] of [
  [80, 24],
  [120, 40],
  [200, 60],
] as const) {
  test(`a run fits into ${width}x${height}`, async () => {
    const { page } = watching();
    await until('the run', () => shot(page, width, height).includes('erp-db'));
    await expect(shot(page, width, height)).toMatchFileSnapshot(`golden/run-${width}x${height}.txt`);
  });
}
