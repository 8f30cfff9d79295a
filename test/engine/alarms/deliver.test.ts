import { expect, test } from 'vitest';
import { pauseMs } from '../../../core/engine/alarms/deliver.ts';
import { AlarmYard, dayMs, gold, hourMs, minuteMs } from './alarm-yard.ts';

test('what could not be sent is tried again, longer and longer apart, and arrives once somebody listens', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  yard.behave('ops', 'exit 1');
  await yard.fail('web01');
  expect(await yard.lookAndTell()).toBe(0);
  const tries: number[] = [];
  let attempts = 1;
  for (let minute = 0; minute < 200; minute += 1) {
    await yard.later(minuteMs);
    const [row] = await yard.catalog.alarms.notices(1);
    if (row !== undefined && row.attempts !== attempts) tries.push(minute);
    attempts = row?.attempts ?? 0;
  }
  const gaps = tries.map((at, index) => at - (tries[index - 1] ?? -1));
  expect(gaps).toEqual([1, 2, 4, 8, 16, 32, 64]);
  yard.behave('ops', '');
  await yard.later(6 * hourMs);
  expect(yard.told()).toMatchObject([{ kind: 'run-failed' }]);
  await yard.later(6 * hourMs);
  expect(yard.told()).toHaveLength(1);
});

test('pauses grow to six hours and no longer', () => {
  expect([1, 2, 3, 9, 10, 50, 1000].map(pauseMs)).toEqual(
    [1, 2, 4, 256, 360, 360, 360].map((minutes) => minutes * minuteMs),
  );
});

test('after three days a notice is given up, which is an alarm that the others are told', async () => {
  await using yard = await AlarmYard.open({ ops: {}, pager: {} });
  await yard.see('web01');
  yard.behave('ops', 'exit 1');
  await yard.fail('web01');
  await yard.lookAndTell();
  for (let hour = 0; hour < 80; hour += 1) await yard.later(hourMs);
  const rows = await yard.catalog.alarms.notices(10);
  expect(rows.find(({ notifier }) => notifier === 'ops')).toMatchObject({
    givenUpAt: expect.any(Number),
    sentAt: null,
  });
  expect(await yard.alarms.open()).toContainEqual(
    expect.objectContaining({ key: 'notifier ops', severity: 'critical' }),
  );
  expect(yard.told('pager').map(({ title }) => title)).toContain(
    'ops: notices could not be delivered and were given up',
  );
  yard.behave('ops', '');
  await yard.fail('web02');
  await yard.see('web01', 'web02');
  await yard.lookAndTell();
  await yard.lookAndTell();
  expect((await yard.alarms.open()).map(({ key }) => key)).not.toContain('notifier ops');
});

test('a machine that slept for days does not give up what it has tried only once', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  await yard.fail('web01');
  yard.behave('ops', 'exit 1');
  await yard.lookAndTell();
  await yard.later(4 * dayMs);
  yard.behave('ops', '');
  await yard.later(dayMs / 2);
  expect(yard.told()).toMatchObject([{ kind: 'run-failed' }]);
});

test('a notice that was queued while the clock was a year ahead is not a year late', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  yard.schedules.clock.advance(365 * dayMs);
  await yard.fail('web01');
  await yard.alarms.look(yard.call);
  yard.schedules.setBack(365 * dayMs);
  await yard.alarms.deliver(yard.call);
  expect(yard.told()).toMatchObject([{ kind: 'run-failed' }]);
});

test('what can never be delivered is given up at once', async () => {
  await using yard = await AlarmYard.open();
  yard.behave('ops', 'exit 78');
  await yard.see('web01');
  await yard.fail('web01');
  await yard.lookAndTell();
  expect(await yard.catalog.alarms.notices(1)).toMatchObject([{ attempts: 1, givenUpAt: yard.now }]);
});

test('a notifier that hangs, and one that is not there any more, hold up nobody else', async () => {
  await using yard = await AlarmYard.open({ slow: { timeoutSeconds: 1 }, ops: {} });
  yard.behave('slow', 'sleep 100');
  await yard.see('web01');
  await yard.fail('web01');
  await yard.alarms.look(yard.call);
  const notice = (await yard.catalog.alarms.due(yard.now, 1))[0]?.notice;
  await yard.catalog.alarms.queue([{ id: 'x', notifier: 'gone', notice: notice ?? null, at: yard.now }]);
  const delivering = yard.alarms.deliver(yard.call);
  while (yard.told('ops').length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await delivering).toBe(1);
  const rows = await yard.catalog.alarms.notices(10);
  expect(rows.find(({ notifier }) => notifier === 'gone')?.givenUpAt).toBe(yard.now);
  expect(await yard.alarms.open()).toHaveLength(1);
  expect(rows.find(({ notifier }) => notifier === 'slow')).toMatchObject({
    sentAt: null,
    givenUpAt: null,
    attempts: 1,
  });
});

test('notices that cannot be delivered do not keep those after them from arriving', async () => {
  await using yard = await AlarmYard.open();
  const bad = ['bad1', 'bad2', 'bad3', 'bad4'];
  await yard.see(...bad, 'fine');
  yard.behave('ops', 'case "$HOLDFAST_NOTICE_ID" in *id-bad*) exit 1;; esac');
  for (const name of bad) await yard.fail(name);
  await yard.lookAndTell();
  yard.schedules.clock.advance(minuteMs);
  await yard.fail('fine');
  await yard.lookAndTell();
  expect(yard.told().map(({ facts }) => facts.name)).toEqual(['fine']);
});

test('a process that dies between queueing and sending loses nothing', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('web01');
  await yard.fail('web01');
  await yard.alarms.look(yard.call);
  const dead = await yard.catalog.leases.take('notices', 'dead:1:1', 180_000);
  expect(dead).not.toBeNull();
  expect(await yard.alarms.deliver(yard.call)).toBe(0);
  expect(yard.told()).toEqual([]);
  yard.schedules.clock.advance(180_001);
  expect(await yard.schedules.other('other:2:2').alarms.deliver(yard.call)).toBe(1);
  expect(yard.told()).toHaveLength(1);
});

test('of two processes that look and tell at once one tells, each thing once', async () => {
  await using yard = await AlarmYard.open();
  await yard.see('a', 'b', 'c');
  for (const name of ['a', 'b', 'c']) await yard.fail(name);
  const engines = ['one:1:1', 'two:2:2', 'three:3:3'].map((holder) => yard.schedules.other(holder).alarms);
  await Promise.all(engines.map((alarms) => alarms.look(yard.call)));
  await Promise.all(engines.map((alarms) => alarms.deliver(yard.call)));
  await yard.lookAndTell();
  expect(
    yard
      .told()
      .map(({ facts }) => facts.name)
      .toSorted((a, b) => String(a).localeCompare(String(b))),
  ).toEqual(['a', 'b', 'c']);
});

test('a digest comes at its time, once a day for a month, and tells of its day', async () => {
  await using yard = await AlarmYard.open({ ops: { tell: [] }, boss: { tell: [], digest: 'daily 07:00' } });
  await yard.see('web01', 'web02');
  await yard.schedules.apply(gold());
  for (let day = 0; day < 30; day += 1) {
    for (let at = 0; at < 4; at += 1) {
      await yard.protect('web01');
      if (day === 12 && at === 0) await yard.fail('web02');
      await yard.later(6 * hourMs);
    }
  }
  const digests = yard.told('boss');
  expect(digests.every(({ kind }) => kind === 'digest')).toBe(true);
  expect(digests.map(({ at }) => (at - 7 * hourMs) % dayMs)).toEqual(digests.map(() => 0));
  expect(new Set(digests.map(({ at }) => at)).size).toBe(30);
  expect(digests).toHaveLength(30);
  expect(digests[12]).toMatchObject({
    facts: { failed: 1, promised: 2, met: 1, unprotected: 0 },
    text: expect.stringContaining('fleet/web02'),
  });
  expect(digests[20]).toMatchObject({ facts: { failed: 0 }, title: expect.stringContaining('0 failed') });
  expect(yard.told('ops')).toEqual([]);
});
