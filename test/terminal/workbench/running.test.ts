import { cancelled } from '@holdfast/api';
import { expect, it } from 'vitest';
import { key, type Seat, sitDown } from './bench.ts';
import { type Answer, table } from './fake-desk.ts';

const verify = { id: 'a1b2c3d4-0001' } as const;

/** A command that works until it is told to stop or to end. */
function slow(): { readonly answer: Answer; end(): void } {
  const done = Promise.withResolvers<void>();
  const answer: Answer = async (_, { signal, progress, log }) => {
    progress?.({ phase: 'reading back', doneBytes: 30, totalBytes: 100 });
    await Promise.race([done.promise, new Promise((stop) => signal.addEventListener('abort', stop))]);
    if (signal.aborted) {
      log?.('info', 'let go of 1 snapshot and 2 leases');
      throw cancelled('verifying');
    }
    return { data: {}, view: table('Verified', ['what'], []) };
  };
  return { answer, end: () => done.resolve() };
}

async function begin(seat: Seat): Promise<void> {
  await seat.press('4');
  await seat.shows('a1b2c3d4');
  await seat.press('v');
  await seat.shows('reading back');
}

it('what runs goes on when its tab is closed, and tells when it is done', async () => {
  const work = slow();
  const seat = await sitDown({ answers: { 'repository.check': work.answer } });
  await seat.press('5');
  await seat.shows('disk-main');
  await seat.press('v');
  await seat.shows('2 running');
  await seat.escape();
  await seat.shows('s3-fra');
  expect(seat.text()).toContain('2 running');
  work.end();
  await seat.shows('done in');
  await seat.hides('2 running');
});

it('c in the panel cancels safely after a question and says what was cleaned', async () => {
  const seat = await sitDown({ answers: { 'point.verify': slow().answer } });
  await begin(seat);
  await seat.press(key.ctrl('J'));
  await seat.shows(`point verify ${verify.id}`);
  await seat.press('c');
  await seat.shows('stops at the next safe place');
  await seat.press(key.tab, key.enter);
  await seat.shows(/let go of 1[\s\S]*snapshot/);
});

it('leaving asks while something that one started runs, and staying changes nothing', async () => {
  const seat = await sitDown({ answers: { 'point.verify': slow().answer } });
  await begin(seat);
  await seat.press(key.ctrl('Q'));
  await seat.shows('Leaving stops it safely');
  await seat.press(key.enter);
  await seat.hides('Leaving stops it safely');
  expect(seat.text()).toContain('2 running');
  await seat.press(key.ctrl('Q'), key.tab, key.enter);
  await seat.bench.ended;
});

it('at a server what runs goes on when its owner leaves', async () => {
  const work = slow();
  let isStopped = false;
  const answer: Answer = (given, how) => {
    how.signal.addEventListener('abort', () => {
      isStopped = true;
    });
    return work.answer(given, how);
  };
  const seat = await sitDown({ answers: { protect: answer }, actor: { from: '10.0.0.7' } });
  const desk = seat.desk;
  await seat.press('2');
  seat.emulator.hangUp();
  await seat.bench.ended;
  expect(isStopped).toBe(false);
  expect(desk.ran.length).toBeGreaterThan(0);
});

it('runs of others are listed, and cancelling one runs the command for it', async () => {
  const seat = await sitDown();
  seat.desk.set({ answers: { 'run.cancel': () => ({ data: {}, view: table('Run', ['what'], []) }) } });
  await seat.press(key.ctrl('J'));
  await seat.shows('protect erp-db');
  await seat.press('c');
  await seat.shows('started by schedule');
  await seat.press(key.tab, key.enter);
  await expect.poll(() => seat.desk.ran).toContain('holdfast run cancel 8f2c41aa-0001 --yes');
});

it('what can be undone is undone by u', async () => {
  const undo = { command: 'target.list', args: {} };
  const seat = await sitDown({
    answers: { 'run.cancel': () => ({ data: { undo }, view: table('Run', ['what'], []) }) },
  });
  await seat.press(key.ctrl('J'), 'c');
  await seat.shows('started by schedule');
  await seat.press(key.tab, key.enter);
  await seat.shows('u undoes');
  const before = seat.desk.ran.length;
  await seat.press('u');
  await expect.poll(() => seat.desk.ran.slice(before)).toContain('holdfast target list');
});
