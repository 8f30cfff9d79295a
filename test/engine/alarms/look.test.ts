import { expect, test } from 'vitest';
import { AlarmYard, dayMs, gold, hourMs, minuteMs } from './alarm-yard.ts';

test('a machine whose newest restore point is too old is told once, and once when it is in order again', async () => {
  await using yard = await AlarmYard.open();
  await yard.schedules.apply(gold());
  await yard.see('web01');
  await yard.protect('web01');
  yard.schedules.clock.advance(4 * hourMs);
  await yard.ran();
  await yard.lookAndTell();
  expect(await yard.alarms.open()).toEqual([]);
  await yard.ran();
  await yard.later(1);
  await yard.later(minuteMs);
  expect(yard.told()).toMatchObject([
    {
      format: 1,
      kind: 'rpo-missed',
      severity: 'critical',
      title: 'web01: RPO of 4 h missed since 2026-03-02 04:00 UTC',
      remedy: 'holdfast protect fleet/web01',
      facts: { alarm: 'rpo fleet/id-web01', endpoint: 'fleet', name: 'web01', policy: 'gold', rpoMs: 4 * hourMs },
    },
  ]);
  expect(await yard.alarms.open()).toMatchObject([{ key: 'rpo fleet/id-web01', clearedAt: null }]);
  await yard.protect('web01');
  await yard.lookAndTell();
  await yard.lookAndTell();
  expect(yard.told().slice(1)).toMatchObject([
    { kind: 'cleared', severity: 'info', title: expect.stringContaining('in order again: web01') },
  ]);
  expect(await yard.alarms.open()).toEqual([]);
});

test('a machine without any restore point counts from when a policy first promised it one, whatever is applied since', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  await yard.schedules.apply(gold());
  for (let hour = 0; hour < 4; hour += 1) {
    await yard.ran();
    await yard.later(hourMs);
    await yard.schedules.apply(gold(`# applied again, ${hour}\n`));
  }
  expect(yard.told()).toEqual([]);
  await yard.ran();
  await yard.later(minuteMs);
  expect(yard.told()).toMatchObject([
    { kind: 'rpo-missed', title: 'web01: RPO of 4 h missed: there is no restore point' },
  ]);
});

test('a failed run is told until a restore point comes after it, and what hostile text it holds does nothing', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  const run = await yard.fail('web01');
  await yard.lookAndTell();
  expect(yard.told()).toMatchObject([
    {
      kind: 'run-failed',
      title: 'web01: the last run failed: no room left in /srv␛[2J',
      remedy: 'free space',
      facts: { run, code: 'TARGET_FULL' },
    },
  ]);
  yard.schedules.clock.advance(1);
  await yard.fail('web01');
  await yard.lookAndTell();
  expect(yard.told()).toHaveLength(1);
  yard.schedules.clock.advance(1);
  await yard.protect('web01');
  await yard.lookAndTell();
  expect(yard.told().map(({ kind }) => kind)).toEqual(['run-failed', 'cleared']);
});

test('a run that was done only in part is told until one is done wholly', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  const run = await yard.fail('web01', 'partial');
  yard.schedules.clock.advance(1);
  await yard.protect('web01');
  await yard.lookAndTell();
  expect(yard.told()).toMatchObject([
    { kind: 'run-failed', title: expect.stringContaining('web01: the last run was done only in part'), facts: { run } },
  ]);
  yard.schedules.clock.advance(1);
  await yard.fail('web01', 'done');
  await yard.lookAndTell();
  expect(yard.told().map(({ kind }) => kind)).toEqual(['run-failed', 'cleared']);
});

test('what a policy wanted and a process that was stopped gave up is told, but not what a person did not want', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01', 'web02');
  const policy = { policy: 'gold', workflow: 'backup', due: yard.now };
  const run = await yard.fail('web01', 'cancelled', { policy });
  await yard.fail('web02', 'cancelled');
  await yard.lookAndTell();
  expect(yard.told()).toEqual([]);
  await yard.later(16 * minuteMs);
  expect(yard.told()).toMatchObject([
    { kind: 'run-failed', title: expect.stringContaining('web01: the last run was given up'), facts: { run } },
  ]);
});

test('a failure of long ago is not told again when the restore points that came after it are forgotten', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  await yard.fail('web01');
  yard.schedules.clock.advance(1);
  await yard.fail('web01', 'done');
  await yard.lookAndTell();
  expect(yard.told()).toEqual([]);
});

test('thousands of failures of one machine do not make those of another good', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01', 'web02');
  await yard.fail('web01');
  await yard.lookAndTell();
  const list = yard.catalog.jobs.list.bind(yard.catalog.jobs);
  // As if so many others had failed since that this one is not among the newest.
  Object.assign(yard.catalog.jobs, {
    list: async (filter: Parameters<typeof list>[0]) => (filter.limit === 2_000 ? [] : list(filter)),
  });
  await yard.lookAndTell();
  expect((await yard.alarms.open()).map(({ key }) => key)).toEqual(['failed fleet/id-web01']);
});

test('a restore point that a wrong clock has dated into the future keeps no promise', async () => {
  await using yard = await AlarmYard.open();
  await yard.schedules.apply(gold());
  await yard.see('web01');
  await yard.protect('web01');
  yard.schedules.clock.advance(400 * dayMs);
  await yard.protect('web01');
  yard.schedules.clock.advance(-400 * dayMs + 5 * hourMs);
  await yard.ran();
  await yard.fail('web01');
  await yard.lookAndTell();
  expect((await yard.alarms.open()).map(({ key }) => key).toSorted()).toEqual([
    'failed fleet/id-web01',
    'rpo fleet/id-web01',
  ]);
});

test('a run that is tried again is not in order before it has ended', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  const run = await yard.fail('web01');
  await yard.lookAndTell();
  await yard.catalog.jobs.retry(run);
  await yard.lookAndTell();
  expect(yard.told()).toHaveLength(1);
  expect(await yard.alarms.open()).toHaveLength(1);
});

test('an occurrence that nobody began is told, but not one that a blackout took away', async () => {
  await using yard = await AlarmYard.open();
  const blackout = 'blackouts: [ { from: 2026-03-02 09:59, to: 2026-03-02 13:30, why: power } ]\n';
  await yard.schedules.apply(blackout + gold());
  yard.schedules.until('03-02T09:50');
  await yard.ran();
  yard.schedules.until('03-02T13:45');
  await yard.lookAndTell();
  expect(yard.told().filter(({ kind }) => kind !== 'rpo-missed')).toEqual([]);
  await yard.later(30 * minuteMs);
  const kinds = yard.told().map(({ kind, title }) => [kind, title]);
  expect(kinds).toContainEqual(['run-missed', 'gold/backup: an occurrence missed']);
  expect(kinds).toContainEqual(['schedule', 'nobody runs schedules: something is due since 2026-03-02 14:00 UTC']);
  await yard.ran();
  await yard.later(minuteMs);
  expect((await yard.alarms.open()).map(({ key }) => key)).toEqual([]);
});

test('what was caught up late is told until the schedule is met again', async () => {
  await using yard = await AlarmYard.open();
  await yard.schedules.apply(gold());
  await yard.later(2 * hourMs);
  await yard.ran('gold', 'backup', { lastDue: yard.now - hourMs, lastWasCatchUp: true });
  await yard.lookAndTell();
  expect(yard.told().filter(({ kind }) => kind === 'run-missed')).toHaveLength(1);
  expect((await yard.alarms.open()).map(({ title }) => title)).toEqual([
    'gold/backup: begun late, at 2026-03-02 02:00 UTC',
  ]);
  await yard.later(hourMs);
  await yard.ran();
  await yard.lookAndTell();
  expect(await yard.alarms.open()).toEqual([]);
});

test('a policy that is paused or taken away promises nothing any more', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  await yard.schedules.apply(gold());
  await yard.later(dayMs);
  expect(await yard.alarms.open()).toHaveLength(3);
  await yard.schedules.apply('policies: {}\n');
  const before = yard.told().length;
  await yard.lookAndTell();
  expect(await yard.alarms.open()).toEqual([]);
  const over = yard.told().slice(before);
  expect(over.filter(({ title }) => title.startsWith('in order again')).map(({ facts }) => facts.alarm)).toEqual([
    'schedule nobody',
  ]);
  expect(over.find(({ facts }) => facts.alarm === 'rpo fleet/id-web01')).toMatchObject({
    title: expect.stringMatching(/^over: web01: RPO/),
    text: expect.stringContaining('no policy promises that any more'),
  });
});

test('a machine that has gone is not said to be in order, and an endpoint without any is an alarm', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  await yard.schedules.apply(gold());
  await yard.ran();
  await yard.fail('web01');
  await yard.lookAndTell();
  await yard.see();
  await yard.lookAndTell();
  expect(yard.told().slice(1)).toMatchObject([
    { kind: 'schedule', severity: 'critical', title: 'fleet: none of its machines is there any more' },
    {
      kind: 'cleared',
      title: expect.stringMatching(/^over: web01/),
      text: expect.stringContaining('not there any more'),
    },
  ]);
  await yard.see('web01');
  await yard.protect('web01');
  await yard.lookAndTell();
  expect(yard.told().at(-1)).toMatchObject({ kind: 'cleared', facts: { alarm: 'empty fleet' } });
});

test('a schedule that a wrong clock holds up is an alarm until the time has come', async () => {
  await using yard = await AlarmYard.open();
  await yard.schedules.apply(gold());
  yard.schedules.clock.advance(dayMs);
  await yard.ran();
  yard.schedules.setBack(dayMs - hourMs);
  await yard.lookAndTell();
  expect(await yard.alarms.open()).toMatchObject([
    { key: 'schedule gold/backup', title: expect.stringContaining('nothing begins before 2026-03-03 00:00 UTC') },
  ]);
  await yard.later(dayMs);
  expect((await yard.alarms.open()).filter(({ key }) => key === 'schedule gold/backup')).toEqual([]);
});

test('policies that cannot be read are an alarm, and what they promised is not taken for kept', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  await yard.schedules.apply(gold());
  await yard.later(dayMs);
  const before = (await yard.alarms.open()).map(({ key }) => key);
  await yard.schedules.apply('policies: [from the future]\n');
  await yard.lookAndTell();
  expect((await yard.alarms.open()).map(({ key }) => key).sort()).toEqual([...before, 'schedule policies'].sort());
});

test('forty machines that fail at once are told in one notice that names them', async () => {
  await using yard = await AlarmYard.open();
  const names = Array.from({ length: 40 }, (_, index) => `web${index}`);
  await yard.see(...names);
  for (const name of names) await yard.fail(name);
  await yard.lookAndTell();
  await yard.lookAndTell();
  expect(yard.told()).toMatchObject([{ kind: 'run-failed', title: '40 runs failed', facts: { count: 40 } }]);
  for (const name of names) expect(yard.told()[0]?.text).toContain(`${name}: the last run failed`);
  expect(await yard.alarms.open()).toHaveLength(40);
  yard.schedules.clock.advance(1);
  for (const name of names) await yard.protect(name);
  await yard.lookAndTell();
  expect(yard.told().slice(1)).toMatchObject([{ kind: 'cleared', title: expect.stringContaining('40 times') }]);
});

test('each notifier hears what it asked for', async () => {
  await using yard = await AlarmYard.open({ ops: {}, pager: { tell: ['rpo-missed'] }, silent: { tell: [] } });
  await yard.see('web01');
  await yard.fail('web01');
  await yard.schedules.apply(gold());
  await yard.later(5 * hourMs);
  expect(yard.told('pager').map(({ kind }) => kind)).toEqual(['rpo-missed']);
  expect(new Set(yard.told('ops').map(({ kind }) => kind))).toEqual(
    new Set(['run-failed', 'rpo-missed', 'run-missed', 'schedule']),
  );
  expect(yard.told('silent')).toEqual([]);
  yard.schedules.clock.advance(1);
  await yard.protect('web01');
  await yard.ran();
  await yard.lookAndTell();
  expect(yard.told('pager')).toHaveLength(1);
  expect(yard.told('ops').filter(({ kind }) => kind === 'cleared')).toHaveLength(4);
});
