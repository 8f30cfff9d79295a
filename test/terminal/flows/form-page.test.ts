import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { commandPage } from '../../../core/terminal/workbench/flows/command-page.ts';
import { prunePage } from '../../../core/terminal/workbench/flows/prune-page.ts';
import { answer, command, noon, press, SmallBench, shot, until } from './small-desk.ts';

const day = 86_400_000;
const forgetting = () => ({
  data: {
    fates: [
      {
        goes: true,
        why: 'no rule keeps it',
        point: { machineName: 'web-07', takenAt: noon - 20 * day, storedBytes: 1024 },
      },
      { goes: false, why: 'daily', point: { machineName: 'web-07', takenAt: noon, storedBytes: 2048 } },
    ],
  },
  view: answer('2 restore points').view,
});

test('a form shows what a command takes, what it would do, and the command line that does the same', async () => {
  const bench = new SmallBench({
    answers: { 'target.remove': () => answer('removes target main from the configuration') },
  });
  const page = commandPage(bench, command('target.remove'), { name: 'main' });
  await until('the preview', () => shot(page).includes('removes target main'));
  expect(shot(page)).toContain('◐ changes things');
  expect(page.commandLine()).toBe('holdfast target remove main');
  expect(bench.desk.done).toEqual([]);
  page.close?.();
});

test('Enter does what the preview showed, and the answer takes the place of the form', async () => {
  const bench = new SmallBench({
    answers: {
      'target.remove': ({ dryRun }) => answer(dryRun === true ? 'would remove it' : 'removed from the configuration'),
    },
  });
  const page = commandPage(bench, command('target.remove'), { name: 'main' });
  press(page, '<enter>');
  await until('the answer', () => shot(page).includes('removed from the configuration'));
  expect(bench.desk.done).toEqual([{ command: 'target.remove', args: { name: 'main', yes: true } }]);
  press(page, '<enter>');
  expect(bench.closed).toEqual([page]);
});

test('two Enters in a row do it once', async () => {
  const bench = new SmallBench({ answers: { 'target.remove': () => answer('ok') } });
  const page = commandPage(bench, command('target.remove'), { name: 'main' });
  press(page, '<enter><enter><enter>');
  await until('the answer', () => shot(page).includes('Done'));
  expect(bench.desk.done).toHaveLength(1);
});

test('what is refused in the preview is not run by Enter', async () => {
  const problem = new HoldfastError('TARGET_NOT_FOUND', 'there is no target mian', { remedy: 'did you mean main?' });
  const bench = new SmallBench({ answers: { 'target.remove': () => Promise.reject(problem) } });
  const page = commandPage(bench, command('target.remove'), { name: 'mian' });
  press(page, '<enter>');
  await until('the refusal', () => shot(page).includes('there is no target mian'));
  await until('that it was tried again', () => bench.desk.ran.length >= 1);
  expect(shot(page)).toContain('did you mean main?');
  expect(bench.desk.done).toEqual([]);
  page.close?.();
});

test('what a command needs and nobody foresaw is asked for by the command itself', async () => {
  const missing = new HoldfastError('ANSWER_MISSING', 'kvm needs path', { remedy: 'add `--path FOLDER`' });
  const bench = new SmallBench({
    answers: { 'endpoint.add': ({ dryRun }) => (dryRun === true ? Promise.reject(missing) : answer('added')) },
  });
  const page = commandPage(bench, command('endpoint.add'), { name: 'lab' });
  press(page, '<enter>');
  await until('the answer', () => shot(page).includes('added'));
  expect(bench.desk.done).toEqual([{ command: 'endpoint.add', args: { name: 'lab' } }]);
});

test('a failure while it is done leaves the form as it was, with what happened', async () => {
  const problem = new HoldfastError('TARGET_UNREACHABLE', 'main does not answer', { remedy: 'is it mounted?' });
  const bench = new SmallBench({
    answers: { 'target.remove': ({ dryRun }) => (dryRun === true ? answer('would') : Promise.reject(problem)) },
  });
  const page = commandPage(bench, command('target.remove'), { name: 'main' });
  press(page, '<enter>');
  await until('the failure', () => shot(page).includes('main does not answer'));
  expect(shot(page)).toContain('is it mounted?');
  expect(page.commandLine()).toBe('holdfast target remove main');
  page.close?.();
});

test('what destroys is named and asked about; no is no', async () => {
  const bench = new SmallBench({ answers: { 'point.forget': forgetting } });
  bench.says = false;
  const page = prunePage(bench, command('point.forget'), { machine: 'web-07', keepDaily: 14 });
  press(page, '<enter>');
  await until('the question', () => bench.confirmed.length === 1);
  expect(bench.confirmed[0]).toMatchObject({ isDestroying: true });
  expect(bench.confirmed[0]?.consequence).toBe(
    '1 restore point cannot be restored any more:\nweb-07 of 2026-11-02T12:00:00Z',
  );
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(bench.desk.done).toEqual([]);
  bench.says = true;
  press(page, '<enter>');
  await until('it is done', () => bench.desk.done.length === 1);
  expect(bench.desk.done).toEqual([{ command: 'point.forget', args: { machine: 'web-07', keepDaily: 14, yes: true } }]);
});

test('pruning says how many of how many would go before anything goes', async () => {
  const bench = new SmallBench({ answers: { 'point.forget': forgetting } });
  const page = prunePage(bench, command('point.forget'), { machine: 'web-07', keepDaily: 14 });
  await until('the summary', () => shot(page).includes('1 restore point of 2 would go'));
  expect(page.commandLine()).toBe('holdfast point forget --machine web-07 --keep-daily 14');
  page.close?.();
});

test('a page that is closed listens to nothing any more and previews nothing', async () => {
  const bench = new SmallBench({ answers: { 'target.remove': () => answer('') } });
  const page = commandPage(bench, command('target.remove'), { name: 'main' });
  expect(bench.desk.listeners).toBe(1);
  page.close?.();
  expect(bench.desk.listeners).toBe(0);
  bench.desk.change('plugins');
  expect(bench.desk.ran).toEqual([]);
});

test('a form in which something was typed asks before it is closed; one that is as it was opened does not', async () => {
  const bench = new SmallBench({ answers: { 'target.remove': () => answer('ok') } });
  const page = commandPage(bench, command('target.remove'), { name: 'main' });
  expect(await page.mayClose?.()).toBe(true);
  expect(bench.confirmed).toEqual([]);
  press(page, 'x');
  bench.says = false;
  expect(await page.mayClose?.()).toBe(false);
  expect(bench.confirmed[0]?.consequence).toContain('Nothing was done yet');
  page.close?.();
});
