import { expect, test } from 'vitest';
import {
  foresee,
  keepCounts,
  momentIn,
  pointsLedTo,
} from '../../../../../core/terminal/workbench/flows/policy/foresight.ts';
import { givenPolicy } from '../../../../../core/terminal/workbench/flows/policy/given.ts';
import { matchWords } from '../../../../../core/terminal/workbench/flows/policy/matches.ts';
import { shareRows } from '../../../../../core/terminal/workbench/flows/policy/sections.ts';

const now = Date.UTC(2026, 10, 22, 12);
const rules = { zone: 'Europe/London', blackouts: [], now };
const hour = 3_600_000;

test('the next three times of a schedule are told in the time zone of the file, its windows taken into account', () => {
  const seen = foresee('weekdays 22:00', [], rules);
  expect(seen.kind === 'known' && seen.next.map((at) => momentIn('Europe/London', at, now))).toEqual([
    'Mon 22:00',
    'Tue 22:00',
    'Wed 22:00',
  ]);
  const rare = foresee('first Sat 20:00', [], rules);
  expect(rare.kind === 'known' && momentIn('Europe/London', rare.next[0] ?? 0, now)).toBe('Sat 5 Dec 20:00');
  const open = foresee('every 4h', ['22:00-06:00'], rules);
  expect(open.kind === 'known' && open.everyMs).toBeGreaterThan(4 * hour);
});

test('what is not understood is told and throws nothing', () => {
  for (const wrong of ['some day', 'every', 'every 1s', '0 0 31 2 *', '* * *', 'x'.repeat(10_000)]) {
    expect(foresee(wrong, [], rules).kind, wrong).toBe('wrong');
  }
  expect(foresee('daily 02:00', ['never'], rules).kind).toBe('wrong');
  expect(foresee('', [], rules)).toEqual({ kind: 'asked' });
});

test('retention leads to as many points as its rules keep', () => {
  expect(pointsLedTo({ last: 5 }, 4 * hour, 'UTC', now)).toEqual({ points: 5, isAbout: false });
  expect(pointsLedTo({ daily: 14 }, 24 * hour, 'UTC', now)).toEqual({ points: 14, isAbout: false });
  expect(pointsLedTo({}, 4 * hour, 'UTC', now)).toBeNull();
  const many = pointsLedTo({ hourly: 24, daily: 14, weekly: 8, monthly: 12, yearly: 7 }, hour, 'UTC', now);
  expect(many?.isAbout).toBe(true);
  // 24 of a day, 13 more days, about 6 more weeks, 10 more months, 6 more years.
  expect(many?.points).toBeGreaterThan(54);
  expect(many?.points).toBeLessThan(66);
});

test('rules of retention are read as they are typed', () => {
  expect(keepCounts('daily=14,weekly=8')).toEqual({ daily: 14, weekly: 8 });
  expect(keepCounts(' daily=14 weekly=8 ')).toEqual({ daily: 14, weekly: 8 });
  expect(keepCounts('everything')).toEqual({});
  expect(keepCounts('daily')).toBeNull();
});

test('machines that match are counted and the first are named', () => {
  expect(matchWords(['a', 'b', 'c', 'd', 'e'], 1_284)).toBe('5 of 1,284: a, b, c and 2 more');
  expect(matchWords(['a'], 3)).toBe('1 of 3: a');
  expect(matchWords([], 3)).toBe('none of 3 machines');
  expect(matchWords([], 0)).toBe('no machine is known yet');
});

test('marked machines on several endpoints are known by name and endpoint', () => {
  expect(givenPolicy({ machine: ['lab/a', 'den/b'] })).toEqual({ name: ['a', 'b'], endpoint: ['lab', 'den'] });
  expect(givenPolicy({ machine: ['a', 'den/b'] })).toEqual({ name: ['a', 'b'] });
  expect(givenPolicy({ set: ['snapshot.quiesce=none'], every: '4h', to: 'main' })).toEqual({
    to: 'main',
    when: 'every 4h',
    settings: { 'snapshot.quiesce': 'none' },
  });
});

test('where not all sections fit the one that is worked in has the room', () => {
  const wanted = { policy: 4, machines: 6, steps: 9, times: 5, keep: 2 };
  expect(shareRows(wanted, 'steps', 26)).toEqual(wanted);
  expect(shareRows(wanted, 'steps', 8)).toEqual({ policy: 0, machines: 0, steps: 8, times: 0, keep: 0 });
  expect(shareRows(wanted, 'keep', 8)).toEqual({ policy: 0, machines: 0, steps: 0, times: 0, keep: 2 });
});
