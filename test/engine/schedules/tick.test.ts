import { afterEach, expect, test } from 'vitest';
import { dayMs, empty, gold, hourMs, minuteMs, ScheduleYard, utc } from './schedule-yard.ts';

let yard: ScheduleYard;
afterEach(() => yard[Symbol.asyncDispose]());

/** When each occurrence of a tick was due, and whether it was caught up. */
async function dues(): Promise<[string, boolean][]> {
  const { fired } = await yard.tick();
  return fired.map(({ due, isCatchUp }) => [new Date(due).toISOString().slice(5, 16), isCatchUp]);
}

test('a workflow begins at its time, once, and not for what was before its policy was applied', async () => {
  yard = await ScheduleYard.open('2026-03-02T01:50');
  await yard.apply(empty('schedule: hourly'));
  expect(await dues()).toEqual([]);
  yard.until('03-02T02:00');
  expect(await dues()).toEqual([['03-02T02:00', false]]);
  expect(await dues()).toEqual([]);
  yard.until('03-02T02:59');
  expect(await dues()).toEqual([]);
  yard.until('03-02T03:01');
  expect(await dues()).toEqual([['03-02T03:00', false]]);
});

test('a policy that protects nothing now begins all the same, and says so', async () => {
  yard = await ScheduleYard.open('2026-03-02T01:50');
  await yard.apply(empty('schedule: hourly'));
  yard.until('03-02T02:00');
  expect(await yard.tick()).toMatchObject({
    isLeader: true,
    fired: [{ policy: 'gold', workflow: 'backup', due: utc('2026-03-02T02:00'), runs: 0 }],
    warnings: ['gold/backup ran for nothing: its policy protects no machine now'],
  });
});

test('what was missed while nothing ran schedules is caught up once', async () => {
  yard = await ScheduleYard.open('2026-03-02T00:30');
  await yard.apply(empty('schedule: hourly'));
  await yard.tick();
  yard.until('03-04T06:20');
  expect((await yard.engine.schedules.list())[0]).toMatchObject({ missed: 54, next: utc('2026-03-04T06:20') });
  const { fired, warnings } = await yard.tick();
  expect(fired).toMatchObject([{ due: utc('2026-03-04T06:00'), isCatchUp: true }]);
  expect(warnings).toContain('gold/backup was missed 53 times before it began now');
  expect(await dues()).toEqual([]);
  yard.until('03-04T07:00');
  expect(await dues()).toEqual([['03-04T07:00', false]]);
});

test('without catching up the missed ones are only counted', async () => {
  yard = await ScheduleYard.open('2026-03-02T00:30');
  await yard.apply(empty('schedule: hourly', '    catchUp: false\n'));
  yard.until('03-02T03:20');
  const report = await yard.tick();
  expect(report.fired).toEqual([]);
  expect(report.warnings).toEqual(['gold/backup was missed 3 times, and its policy does not catch up']);
  expect((await yard.engine.schedules.list())[0]).toMatchObject({ missed: 3, last: null });
  yard.until('03-02T04:04');
  expect(await dues()).toEqual([['03-02T04:00', false]]);
  expect((await yard.engine.schedules.list())[0]).toMatchObject({
    missed: 0,
    last: { due: utc('2026-03-02T04:00'), firedAt: utc('2026-03-02T04:04') },
  });
});

test('what falls into a blackout is caught up once when it ends', async () => {
  yard = await ScheduleYard.open('2026-03-02T00:30');
  const blackout = 'blackouts: [ { from: 2026-03-02 01:30, to: 2026-03-02 04:20 } ]\n';
  await yard.apply(blackout + empty('schedule: hourly'));
  const begun: [string, boolean][] = [];
  for (let minute = 0; minute < 300; minute += 1) {
    begun.push(...(await dues()));
    yard.clock.advance(minuteMs);
  }
  expect(begun).toEqual([
    ['03-02T01:00', false],
    ['03-02T04:00', true],
    ['03-02T05:00', false],
  ]);
});

test('what is caught up waits for its window', async () => {
  yard = await ScheduleYard.open('2026-03-02T21:30');
  await yard.apply(empty('schedule: daily 22:00', '    window: 21:00-02:00\n'));
  yard.until('03-03T09:00');
  expect(await dues()).toEqual([]);
  expect((await yard.engine.schedules.list())[0]).toMatchObject({
    next: utc('2026-03-03T21:00'),
    missed: 1,
    problem: 'waits for its window',
  });
  yard.until('03-03T21:00');
  expect(await dues()).toEqual([['03-02T22:00', true]]);
  yard.until('03-03T22:00');
  expect(await dues()).toEqual([['03-03T22:00', false]]);
});

test('a clock that is set back a day runs nothing twice, says so, and goes on when it has caught up', async () => {
  yard = await ScheduleYard.open('2026-03-02T00:30');
  await yard.apply(empty('schedule: every 4h'));
  yard.until('03-03T08:00');
  expect(await dues()).toEqual([['03-03T08:00', false]]);
  yard.setBack(dayMs);
  const report = await yard.tick();
  expect(report.fired).toEqual([]);
  expect(report.warnings).toEqual([
    expect.stringContaining('the clock was set back: what was due until 2026-03-03 08:00'),
  ]);
  const begun: [string, boolean][] = [];
  for (let hours = 0; hours < 28; hours += 1) {
    yard.clock.advance(hourMs);
    begun.push(...(await dues()));
  }
  expect(begun).toEqual([['03-03T12:00', false]]);
});

test('a clock that is ten years ahead catches up once', async () => {
  yard = await ScheduleYard.open('2026-03-02T00:30');
  await yard.apply(empty('schedule: "* * * * *"'));
  yard.clock.advance(3_652 * dayMs);
  expect(await dues()).toEqual([['03-01T00:30', false]]);
  expect(await dues()).toEqual([]);
});

test('a schedule that is changed begins anew, one that stays as it is misses nothing by another application', async () => {
  yard = await ScheduleYard.open('2026-03-02T00:30');
  await yard.apply(empty('schedule: Sun 02:00'));
  yard.until('03-05T12:30');
  await yard.apply(empty('schedule: hourly'));
  yard.until('03-05T12:50');
  expect(await dues()).toEqual([]);
  yard.until('03-05T14:30');
  await yard.apply(`# a comment\n${empty('schedule: hourly')}`);
  expect(await dues()).toEqual([['03-05T14:00', true]]);
});

test('what is paused runs nothing, and nothing of it is caught up afterwards', async () => {
  yard = await ScheduleYard.open('2026-03-02T00:30');
  await yard.apply(empty('schedule: hourly', '    paused: true\n'));
  yard.until('03-02T05:30');
  expect(await dues()).toEqual([]);
  expect((await yard.engine.schedules.list())[0]).toMatchObject({
    isPaused: true,
    next: null,
    problem: null,
    missed: 0,
  });
  await yard.apply(empty('schedule: hourly'));
  expect(await dues()).toEqual([]);
  yard.until('03-02T06:00');
  expect(await dues()).toEqual([['03-02T06:00', false]]);
});

test('schedules of workflows that are gone are forgotten', async () => {
  yard = await ScheduleYard.open('2026-03-02T00:30');
  await yard.apply(empty('schedule: hourly'));
  yard.until('03-02T01:00');
  await yard.tick();
  expect(await yard.yard.catalog.policies.schedules()).toHaveLength(1);
  await yard.apply('zone: UTC\n');
  await yard.tick();
  expect(await yard.yard.catalog.policies.schedules()).toEqual([]);
});

test('of two that look at the same moment one leads, and whoever is late is fenced', async () => {
  yard = await ScheduleYard.open('2026-03-02T00:30');
  await yard.apply(empty('schedule: hourly'));
  yard.until('03-02T01:00');
  const lease = await yard.yard.catalog.leases.take('scheduler', 'somebody', minuteMs);
  expect(await yard.tick()).toEqual({ isLeader: false, fired: [], runs: [], collected: [], warnings: [] });
  yard.clock.advance(minuteMs);
  expect((await yard.tick()).fired).toHaveLength(1);
  if (lease === null) throw new Error('nobody led');
  const row = { policy: 'gold', workflow: 'backup', handledUntil: utc('2026-03-02T02:00'), lastDue: null };
  await expect(
    yard.yard.catalog.policies.fire(
      lease,
      utc('2026-03-02T01:00'),
      { ...row, lastFiredAt: null, lastWasCatchUp: false, missed: 0 },
      [],
    ),
  ).rejects.toMatchObject({ code: 'FENCED' });
});

test('endpoints of policies that have nothing due are not asked', async () => {
  yard = await ScheduleYard.open('2026-03-02T00:30');
  yard.yard.addMachine('web01', { vda: new Uint8Array(65_536) });
  await yard.apply(gold('schedule: daily 02:00'));
  yard.yard.fail({ machines: { code: 'ENDPOINT_UNREACHABLE' } });
  yard.until('03-02T01:30');
  expect(await yard.tick()).toMatchObject({ warnings: [] });
});
