import { setTimeout as wait } from 'node:timers/promises';
import { isHoldfastError } from '@holdfast/api';
import { afterEach, expect, test } from 'vitest';
import type { Lease } from '../../../core/catalog/contract.ts';
import { noise, toMain } from '../yard.ts';
import { gold, hourMs, minuteMs, ScheduleYard, utc } from './schedule-yard.ts';

let yard: ScheduleYard;
afterEach(() => yard[Symbol.asyncDispose]());

async function withMachines(count: number, more: Parameters<typeof ScheduleYard.open>[1] = {}): Promise<void> {
  yard = await ScheduleYard.open('2026-03-02T00:30', more);
  for (let n = 1; n <= count; n += 1) yard.yard.addMachine(`web0${n}`, { vda: noise(70_000, n) });
}

const statesOf = (runs: readonly { machineName: string; state: string }[]): string[] =>
  runs.map(({ machineName, state }) => `${machineName} ${state}`).sort();

/** Lets time pass while somebody else holds leases, and lives. */
async function untilWith(moment: string, ...held: readonly (Lease | null)[]): Promise<void> {
  for (const lease of held) if (lease !== null) await yard.yard.catalog.leases.renew(lease, 2 * hourMs);
  yard.until(moment);
}

/** Waits until something is so. */
async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await wait(20);
}

test('each machine of a policy gets one run of its occurrence, and a restore point', async () => {
  await withMachines(2);
  await yard.apply(gold('schedule: hourly'));
  yard.until('03-02T01:00');
  const { fired, runs, warnings } = await yard.tick();
  expect(fired).toMatchObject([{ policy: 'gold', workflow: 'backup', runs: 2 }]);
  expect(warnings).toEqual([]);
  expect(statesOf(runs)).toEqual(['web01 done', 'web02 done']);
  expect(runs[0]).toMatchObject({
    who: 'schedule',
    policy: { policy: 'gold', workflow: 'backup', due: utc('2026-03-02T01:00') },
    steps: toMain,
  });
  expect(await yard.yard.catalog.points({})).toHaveLength(2);
});

test('machines begin at their own times within the jitter, always the same', async () => {
  await withMachines(3);
  await yard.apply(gold('schedule: every 2h', '    jitter: 40m\n'));
  const begun: Record<string, number[]> = {};
  for (const hour of ['02', '04']) {
    yard.until(`03-02T${hour}:00`);
    for (let minute = 0; minute <= 41; minute += 1) {
      for (const { machineName } of (await yard.tick()).runs)
        begun[machineName] = [...(begun[machineName] ?? []), minute];
      yard.clock.advance(minuteMs);
    }
  }
  const minutes = Object.values(begun).map(([first, second]) => {
    expect(second).toBe(first);
    return first;
  });
  expect(new Set(minutes).size).toBe(3);
});

test('of an endpoint that does not answer the last known machines get runs that say why they fail', async () => {
  await withMachines(1);
  await yard.apply(gold('schedule: hourly'));
  yard.until('03-02T01:00');
  await yard.tick();
  yard.yard.fail({ machines: { code: 'ENDPOINT_UNREACHABLE' } });
  yard.until('03-02T02:00');
  const { runs, warnings } = await yard.tick();
  expect(warnings).toEqual(['endpoint fleet does not tell its machines: machines was told to fail']);
  expect(runs).toMatchObject([{ machineName: 'web01', state: 'failed', error: { code: 'ENDPOINT_UNREACHABLE' } }]);
});

test('a run that failed is tried once more a quarter of an hour later, but not where the next occurrence is as near', async () => {
  await withMachines(1);
  await yard.apply(gold('schedule: every 2h'));
  yard.yard.fail({ openDisk: { code: 'DISK_UNREADABLE' } });
  yard.until('03-02T02:00');
  expect(statesOf((await yard.tick()).runs)).toEqual(['web01 failed']);
  yard.until('03-02T02:14');
  expect((await yard.tick()).runs).toEqual([]);
  yard.until('03-02T02:15');
  expect((await yard.tick()).runs).toMatchObject([{ state: 'failed', attempts: 2 }]);
  yard.until('03-02T02:40');
  expect((await yard.tick()).runs).toEqual([]);
  await yard.apply(gold('every: 20m'));
  yard.until('03-02T03:00');
  const [failed] = (await yard.tick()).runs;
  yard.yard.fail({});
  yard.until('03-02T03:16');
  expect((await yard.tick()).runs).toEqual([]);
  yard.until('03-02T03:20');
  const [next] = (await yard.tick()).runs;
  expect([failed?.state, next?.state, next?.id === failed?.id]).toEqual(['failed', 'done', false]);
});

test('while the run of the occurrence before has not ended the next one is skipped for its machine, and is missed', async () => {
  await withMachines(2);
  await yard.apply(gold('schedule: hourly'));
  yard.until('03-02T01:00');
  const lease = await yard.yard.catalog.leases.take('machine:fleet/web01', 'somebody else', hourMs);
  expect(statesOf((await yard.tick()).runs)).toEqual(['web02 done']);
  await untilWith('03-02T02:00', lease);
  const { fired, runs, warnings } = await yard.tick();
  expect(fired).toMatchObject([{ runs: 1 }]);
  expect(statesOf(runs)).toEqual(['web02 done']);
  expect(warnings).toEqual([
    expect.stringMatching(
      /^skip gold\/backup of 2026-03-02 02:00 UTC for web01: run [0-9a-f]{16} of the occurrence before/,
    ),
  ]);
  yard.yard.removeMachine('web02');
  await untilWith('03-02T03:00', lease);
  expect((await yard.tick()).fired).toEqual([]);
  expect((await yard.engine.schedules.list())[0]).toMatchObject({ missed: 1, last: { due: utc('2026-03-02T02:00') } });
  if (lease !== null) await yard.yard.catalog.leases.release(lease);
  yard.until('03-02T03:02');
  const [late] = (await yard.tick()).runs;
  expect(late).toMatchObject({ machineName: 'web01', state: 'done', policy: { due: utc('2026-03-02T01:00') } });
  expect(await yard.yard.catalog.jobs.reasons(late?.id ?? '')).toContainEqual(
    expect.objectContaining({ because: 'this run has not ended yet' }),
  );
});

test('what is skipped for many machines is said in one line, and each of their runs has the reason', async () => {
  await withMachines(3);
  await yard.apply(gold('schedule: hourly'));
  const held: (Lease | null)[] = [];
  for (const name of ['web01', 'web02', 'web03'])
    held.push(await yard.yard.catalog.leases.take(`machine:fleet/${name}`, 'somebody else', hourMs));
  await untilWith('03-02T01:00', ...held);
  await yard.tick();
  await untilWith('03-02T02:00', ...held);
  expect((await yard.tick()).warnings).toEqual([
    'skip gold/backup of 2026-03-02 02:00 UTC for web01 and 2 more: their runs of the occurrence before have not ended',
  ]);
  for (const { id, machineName } of await yard.yard.catalog.jobs.list({}))
    expect(await yard.yard.catalog.jobs.reasons(id)).toMatchObject([
      { decision: `skip gold/backup of 2026-03-02 02:00 UTC for ${machineName}` },
    ]);
});

test('two workflows that are due for one machine at once run one after the other', async () => {
  await withMachines(1);
  const two = gold('schedule: hourly').replace(
    '      backup:',
    '      other:\n        schedule: hourly\n        steps: [ snapshot, { proxy: { to: main } } ]\n      backup:',
  );
  await yard.apply(two);
  yard.until('03-02T01:00');
  expect(statesOf((await yard.tick()).runs)).toEqual(['web01 done', 'web01 done']);
});

test('never more runs than configured are executed at once, and all are', async () => {
  await withMachines(5, { config: { schedules: { runs: 2 }, slots: { snapshot: 10 } } });
  await yard.apply(gold('schedule: hourly'));
  yard.yard.fail({ openDisk: { delayMs: 100 } });
  yard.until('03-02T01:00');
  let most = 0;
  const ticking = yard.tick().then((report) => ({ report, isDone: true }));
  let isDone = false;
  void ticking.then(() => {
    isDone = true;
  });
  await until(async () => {
    most = Math.max(most, (await yard.yard.catalog.jobs.list({ states: ['running'] })).length);
    return isDone;
  });
  expect(statesOf((await ticking).report.runs)).toHaveLength(5);
  expect(most).toBe(2);
});

test('whoever waits for its first slot waits as long as it takes', async () => {
  await withMachines(3, { config: { slots: { snapshot: 1 } }, timing: { slotWaitMs: 0 } });
  await yard.apply(gold('schedule: hourly'));
  yard.yard.fail({ openDisk: { delayMs: 300 } });
  yard.until('03-02T01:00');
  expect(statesOf((await yard.tick()).runs)).toEqual(['web01 done', 'web02 done', 'web03 done']);
});

test('a run that held a snapshot and got no further slot is tried again until it gets one', async () => {
  await withMachines(1, { config: { slots: { stream: 1 } }, timing: { slotWaitMs: 0 } });
  await yard.apply(gold('schedule: daily 01:00'));
  const slot = await yard.yard.catalog.leases.takeSlot('stream:main', 1, 'somebody else', hourMs);
  for (const [attempt, moment] of ['01:00', '01:15', '01:30', '01:45'].entries()) {
    await untilWith(`03-02T${moment}`, slot);
    expect((await yard.tick()).runs).toMatchObject([
      { state: 'failed', attempts: attempt + 1, error: { code: 'SLOT_UNAVAILABLE' } },
    ]);
    expect(yard.yard.left()).toEqual([]);
  }
  if (slot !== null) await yard.yard.catalog.leases.release(slot);
  yard.until('03-02T02:00');
  expect(statesOf((await yard.tick()).runs)).toEqual(['web01 done']);
});

test('who is stopped brings its runs to a safe state, and who comes next does them again', async () => {
  await withMachines(1);
  await yard.apply(gold('schedule: hourly'));
  yard.yard.fail({ openDisk: { delayMs: 20_000 } });
  yard.until('03-02T01:00');
  const stop = new AbortController();
  const serving = yard.engine.schedules.serve(yard.yard.call({ signal: stop.signal }));
  await until(() => yard.yard.left().length > 0);
  stop.abort();
  await serving;
  expect(yard.yard.left()).toEqual([]);
  const [stopped] = await yard.yard.catalog.jobs.list({});
  expect(stopped).toMatchObject({ state: 'cancelled', cancelAskedBy: null });
  expect(await yard.yard.catalog.leases.peek('scheduler')).toBeNull();
  yard.yard.fail({});
  expect((await yard.tick()).runs).toMatchObject([{ id: stopped?.id, state: 'done', attempts: 2 }]);
});

test('who stays looks by itself, notices other policies at once, and leads alone', async () => {
  await withMachines(1);
  const stop = new AbortController();
  const serving = [yard.engine, yard.other('second')].map((engine) =>
    engine.schedules.serve(yard.yard.call({ signal: stop.signal })),
  );
  await until(async () => (await yard.yard.catalog.leases.peek('scheduler')) !== null);
  expect(await yard.tick(yard.other('third'))).toMatchObject({ isLeader: false });
  await yard.apply(gold('schedule: hourly'));
  yard.until('03-02T01:00');
  await until(async () => (await yard.yard.catalog.jobs.list({ states: ['done'] })).length === 1);
  stop.abort();
  await Promise.all(serving);
  expect(await yard.yard.catalog.jobs.list({})).toHaveLength(1);
});

test('who retires lets another lead at once, and ends with the runs that it began', async () => {
  await withMachines(1);
  await yard.apply(gold('schedule: hourly'));
  yard.yard.fail({ openDisk: { delayMs: 1_500 } });
  yard.until('03-02T01:00');
  const retire = new AbortController();
  const serving = yard.engine.schedules.serve(yard.yard.call(), retire.signal);
  await until(() => yard.yard.left().length > 0);
  retire.abort();
  await until(async () => (await yard.yard.catalog.leases.peek('scheduler')) === null);
  expect(statesOf(await yard.yard.catalog.jobs.list({}))).toEqual(['web01 running']);
  await serving;
  expect(statesOf(await yard.yard.catalog.jobs.list({}))).toEqual(['web01 done']);
});

test('a run whose process died does not keep its machine busy: what is due next begins', async () => {
  await withMachines(1);
  await yard.apply(gold('schedule: hourly'));
  yard.until('03-02T01:00');
  await yard.yard.catalog.leases.take('machine:fleet/web01', 'nohost:1:1', minuteMs);
  await yard.tick();
  const [waiting] = await yard.yard.catalog.jobs.list({ states: ['waiting'] });
  // As a process that is killed in mid-run leaves it.
  await yard.yard.catalog.jobs.claim('nohost:1:1', minuteMs, waiting?.id);
  yard.until('03-02T02:00');
  const { fired, runs } = await yard.tick();
  expect(fired).toMatchObject([{ runs: 1 }]);
  expect(runs).toMatchObject([{ machineName: 'web01', state: 'done' }]);
  expect(await yard.yard.catalog.jobs.get(waiting?.id ?? '')).toMatchObject({
    state: 'failed',
    error: { code: 'RUN_LOST' },
  });
});

test('records of runs of long ago are forgotten where only a timer runs', async () => {
  await withMachines(1);
  await yard.apply(gold('every: 4w'));
  const seen: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    yard.clock.advance(28 * 24 * hourMs);
    await yard.tick();
    seen.push((await yard.yard.catalog.jobs.list({})).length);
  }
  expect(seen).toEqual([1, 2, 3, 4, 4, 4]);
  expect(await yard.yard.catalog.points({})).toHaveLength(6);
});

test('what a person stopped stays stopped', async () => {
  await withMachines(1);
  await yard.apply(gold('schedule: hourly'));
  yard.yard.fail({ openDisk: { delayMs: 20_000 } });
  yard.until('03-02T01:00');
  const ticking = yard.tick();
  await until(() => yard.yard.left().length > 0);
  const [running] = await yard.yard.catalog.jobs.list({ states: ['running'] });
  await yard.yard.catalog.jobs.askCancel(running?.id ?? '', 'ann');
  expect(statesOf((await ticking).runs)).toEqual(['web01 cancelled']);
  yard.yard.fail({});
  yard.clock.advance(20 * minuteMs);
  expect((await yard.tick()).runs).toEqual([]);
});

test('a run whose workflow is removed before it began is not begun, one of a paused policy waits', async () => {
  await withMachines(1);
  await yard.apply(gold('schedule: hourly'));
  const lease = await yard.yard.catalog.leases.take('machine:fleet/web01', 'somebody else', hourMs);
  yard.until('03-02T01:00');
  await yard.tick();
  if (lease !== null) await yard.yard.catalog.leases.release(lease);
  await yard.apply(gold('schedule: hourly', '    paused: true\n'));
  expect((await yard.tick()).runs).toEqual([]);
  expect(statesOf(await yard.yard.catalog.jobs.list({}))).toEqual(['web01 waiting']);
  await yard.apply('zone: UTC\n');
  expect((await yard.tick()).warnings).toEqual([
    expect.stringContaining('is not begun: its policy or workflow was removed'),
  ]);
  expect(statesOf(await yard.yard.catalog.jobs.list({}))).toEqual(['web01 cancelled']);
});

test('what is asked for now runs now, for all machines or those that are named', async () => {
  await withMachines(2);
  await yard.apply(gold('', '    window: 20:00-21:00\n'));
  const call = yard.yard.call();
  const { schedules } = yard.engine;
  const begun: string[] = [];
  const runs = await schedules.runNow('gold', null, [], call, ({ machineName }) => begun.push(machineName));
  expect(statesOf(runs)).toEqual(['web01 done', 'web02 done']);
  expect(begun.sort()).toEqual(['web01', 'web02']);
  expect(runs[0]).toMatchObject({ who: 'tester', policy: { workflow: 'backup', due: yard.now() } });
  yard.clock.advance(minuteMs);
  expect(statesOf(await schedules.runNow('gold', 'backup', ['fleet/web02'], call))).toEqual(['web02 done']);
  const refused = async (...wish: [string, string | null, string[]]) =>
    schedules.runNow(...wish, call).then(
      () => null,
      (problem: unknown) => (isHoldfastError(problem) ? `${problem.code}: ${problem.remedy}` : problem),
    );
  expect(await refused('gald', null, [])).toContain('POLICY_NOT_FOUND: did you mean gold?');
  expect(await refused('gold', 'weekly', [])).toBe('POLICY_NOT_FOUND: name one of: backup');
  expect(await refused('gold', null, ['db01'])).toContain('MACHINE_NOT_FOUND');
  expect(await yard.engine.schedules.list()).toMatchObject([{ when: null, next: null, machines: 2, problem: null }]);
});

test('whoever asks for runs and stops them has stopped all of them, and no scheduler does them again', async () => {
  await withMachines(3, { config: { schedules: { runs: 2 }, slots: { snapshot: 1 } } });
  await yard.apply(gold('schedule: daily 20:00'));
  yard.yard.fail({ openDisk: { delayMs: 20_000 } });
  const stop = new AbortController();
  const call = yard.yard.call({ signal: stop.signal });
  const asked = yard.engine.schedules.runNow('gold', null, [], call);
  await until(() => yard.yard.left().length > 0);
  stop.abort();
  const runs = await asked;
  expect(runs.map(({ state, cancelAskedBy }) => `${state} by ${cancelAskedBy}`)).toEqual(
    Array.from({ length: 3 }, () => 'cancelled by tester'),
  );
  expect(yard.yard.left()).toEqual([]);
  yard.yard.fail({});
  for (let tries = 0; tries < 2; tries += 1) {
    expect((await yard.tick()).runs).toEqual([]);
    yard.clock.advance(20 * minuteMs);
  }
});

test('a machine that cannot be protected gets a run that says why', async () => {
  await withMachines(0);
  yard.yard.addMachine('web01', { vda: noise(70_000, 1) }, { problem: 'its disk is on tape' });
  await yard.apply(gold('schedule: hourly'));
  yard.until('03-02T01:00');
  expect((await yard.tick()).runs).toMatchObject([{ state: 'failed', error: { code: 'MACHINE_UNPROTECTABLE' } }]);
});
