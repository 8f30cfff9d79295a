import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type DatedPoint, decideRetention } from '../../../core/model/retention/decide.ts';
import type { KeepCounts } from '../../../core/model/retention/keep.ts';

const now = Date.UTC(2026, 9, 31, 12);
const hourMs = 3_600_000;
const at = (iso: string): DatedPoint => ({ point: iso, takenAt: Date.parse(iso) });
const kept = (points: readonly DatedPoint[], keep: KeepCounts, zone = 'UTC') =>
  decideRetention(points, keep, now, zone).keep.map(({ point }) => point.point);
const rulesOf = (points: readonly DatedPoint[], keep: KeepCounts, zone = 'UTC') =>
  Object.fromEntries(decideRetention(points, keep, now, zone).keep.map(({ point, rules }) => [point.point, rules]));

const count = fc.option(fc.nat(5), { nil: undefined });
const keepCounts = fc
  .record({ last: count, hourly: count, daily: count, weekly: count, monthly: count, yearly: count })
  .map((counts) => Object.fromEntries(Object.entries(counts).filter(([, n]) => n !== undefined)) as KeepCounts);
const zone = fc.constantFrom('UTC', 'Europe/London', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe');
const near = fc.oneof(
  fc.integer({ min: 0, max: 48 }),
  fc.integer({ min: 0, max: 24 * 60 }),
  fc.integer({ min: 0, max: 24 * 1200 }),
);
const points = fc
  .uniqueArray(near, { maxLength: 60 })
  .map((hours) => hours.map((hour): DatedPoint => ({ point: `p${hour}`, takenAt: now - hour * hourMs })));
const ids = (list: readonly DatedPoint[]) => list.map(({ point }) => point).sort();

test('the newest restore point stays even when every point is past every rule', () => {
  const old = [at('2001-01-01T00:00Z'), at('1999-01-01T00:00Z')];
  expect(rulesOf(old, { hourly: 1 })).toEqual({ '2001-01-01T00:00Z': ['newest', 'hourly'] });
});

test('without rules everything is kept', () => {
  const all = [at('2001-01-01T00:00Z'), at('2026-01-01T00:00Z')];
  for (const keep of [{}, { last: 0 }, { daily: -3, weekly: Number.NaN, yearly: 0.5 }])
    expect(decideRetention(all, keep, now, 'UTC')).toMatchObject({
      keep: [{ rules: ['everything'] }, { rules: ['everything'] }],
      expire: [],
    });
});

test('each rule keeps the newest point of each of its newest periods, and says so', () => {
  const decision = decideRetention(
    [
      at('2026-10-31T11:00Z'),
      at('2026-10-31T10:00Z'),
      at('2026-10-30T22:00Z'),
      at('2026-10-30T01:00Z'),
      at('2026-10-19T01:00Z'),
      at('2026-08-01T01:00Z'),
      at('2025-12-31T01:00Z'),
      at('2025-01-01T01:00Z'),
    ],
    { last: 1, hourly: 2, daily: 2, weekly: 2, monthly: 2, yearly: 2 },
    now,
    'UTC',
  );
  expect(Object.fromEntries(decision.keep.map(({ point, why }) => [point.point, why]))).toEqual({
    '2026-10-31T11:00Z': [
      'newest',
      'last 1 of 1',
      'hourly 1 of 2: 2026-10-31 11h GMT+00:00',
      'daily 1 of 2: 2026-10-31',
      'weekly 1 of 2: 2026-W44',
      'monthly 1 of 2: 2026-10',
      'yearly 1 of 2: 2026',
    ],
    '2026-10-31T10:00Z': ['hourly 2 of 2: 2026-10-31 10h GMT+00:00'],
    '2026-10-30T22:00Z': ['daily 2 of 2: 2026-10-30'],
    '2026-10-19T01:00Z': ['weekly 2 of 2: 2026-W43'],
    '2026-08-01T01:00Z': ['monthly 2 of 2: 2026-08'],
    '2025-12-31T01:00Z': ['yearly 2 of 2: 2025'],
  });
  expect(decision.expire.map(({ point }) => point)).toEqual(['2026-10-30T01:00Z', '2025-01-01T01:00Z']);
});

test('days begin at midnight of the zone that is asked for', () => {
  const evening = [at('2026-10-20T16:00Z'), at('2026-10-20T14:00Z')];
  expect(kept(evening, { daily: 2 }, 'UTC')).toEqual(['2026-10-20T16:00Z']);
  expect(kept(evening, { daily: 2 }, 'Asia/Tokyo')).toEqual(['2026-10-20T16:00Z', '2026-10-20T14:00Z']);
});

test('an hour that comes twice when clocks are set back is two hours', () => {
  const twice = [at('2026-10-25T01:30Z'), at('2026-10-25T00:30Z')];
  expect(kept(twice, { hourly: 2 }, 'Europe/London')).toHaveLength(2);
  const halfAnHour = [at('2026-04-04T15:15Z'), at('2026-04-04T14:45Z')];
  expect(kept(halfAnHour, { hourly: 2 }, 'Australia/Lord_Howe')).toHaveLength(2);
});

test('a day of 23 or 25 hours is one day', () => {
  const hours = (from: string, n: number) =>
    Array.from({ length: n }, (_, hour) => ({ point: `${hour}`, takenAt: Date.parse(from) + hour * hourMs }));
  expect(kept(hours('2026-03-08T05:00Z', 23), { daily: 9 }, 'America/New_York')).toHaveLength(1);
  expect(kept(hours('2026-03-08T05:00Z', 24), { daily: 9 }, 'America/New_York')).toHaveLength(2);
  expect(kept(hours('2025-11-02T04:00Z', 25), { daily: 9 }, 'America/New_York')).toHaveLength(1);
  expect(kept(hours('2025-11-02T04:00Z', 26), { daily: 9 }, 'America/New_York')).toHaveLength(2);
});

test('weeks begin on Monday, and the days around New Year belong to the week of their Thursday', () => {
  const days = [
    '2020-12-31',
    '2021-01-01',
    '2021-01-03',
    '2021-01-04',
    '2018-12-30',
    '2018-12-31',
    '2025-12-29',
    '2023-01-01',
  ];
  const why = days.map((day) => decideRetention([at(`${day}T12:00Z`)], { weekly: 1 }, now, 'UTC').keep[0]?.why[1]);
  const weeks = ['2020-W53', '2020-W53', '2020-W53', '2021-W01', '2018-W52', '2019-W01', '2026-W01', '2022-W52'];
  expect(why).toEqual(weeks.map((week) => `weekly 1 of 1: ${week}`));
});

test('a point that claims to be of the future is kept and takes the place of none', () => {
  const future = { point: 'future', takenAt: now + 1 };
  const broken = { point: 'broken', takenAt: Number.NaN };
  const all = [at('2026-10-20T00:00Z'), broken, at('2026-10-21T00:00Z'), future, at('2026-10-22T00:00Z')];
  expect(rulesOf(all, { last: 2 })).toEqual({
    future: ['future'],
    broken: ['future'],
    '2026-10-22T00:00Z': ['newest', 'last'],
    '2026-10-21T00:00Z': ['last'],
  });
});

test('a zone that does not exist is refused by name', () => {
  expect(() => decideRetention([], { last: 1 }, now, 'Mars/Olympus')).toThrow('there is no time zone "Mars/Olympus"');
});

test('every point either stays or goes, and what stays does so for a reason', () => {
  fc.assert(
    fc.property(points, keepCounts, zone, (all, keep, where) => {
      const { keep: stay, expire } = decideRetention(all, keep, now, where);
      expect(ids([...stay.map(({ point }) => point), ...expire])).toEqual(ids(all));
      for (const { rules, why } of stay) expect([rules.length > 0, why.length]).toEqual([true, rules.length]);
      const newest = all.toSorted((a, b) => b.takenAt - a.takenAt)[0];
      if (newest !== undefined) expect(stay[0]?.point).toEqual(newest);
    }),
  );
});

test('no more points stay than the rules say in sum', () => {
  fc.assert(
    fc.property(points, keepCounts, zone, (all, keep, where) => {
      const sum = Object.values(keep).reduce((total: number, n: number) => total + n, 0);
      if (sum > 0) expect(decideRetention(all, keep, now, where).keep.length).toBeLessThanOrEqual(sum);
    }),
  );
});

test('deciding again about what stayed lets nothing more go', () => {
  fc.assert(
    fc.property(points, keepCounts, zone, (all, keep, where) => {
      const stay = decideRetention(all, keep, now, where).keep.map(({ point }) => point);
      expect(decideRetention(stay, keep, now, where).expire).toEqual([]);
    }),
  );
});

test('what has expired once is never kept again because newer points have come', () => {
  fc.assert(
    fc.property(
      points,
      fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 5 }),
      keepCounts,
      zone,
      (all, later, keep, where) => {
        const before = decideRetention(all, keep, now, where).expire;
        const newer = later.map((hours, n) => ({ point: `n${n}`, takenAt: now + hours * hourMs }));
        const after = decideRetention([...newer, ...all], keep, now + 1_000 * hourMs, where).expire;
        expect(ids(after)).toEqual(expect.arrayContaining(ids(before)));
      },
    ),
  );
});

test('the order in which points are listed decides nothing', () => {
  fc.assert(
    fc.property(points, keepCounts, (all, keep) => {
      expect(decideRetention(all.toReversed(), keep, now, 'UTC')).toEqual(decideRetention(all, keep, now, 'UTC'));
    }),
  );
});
