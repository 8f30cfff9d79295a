import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideRetention } from '../../../core/model/retention/decide.ts';
import { pointsAt, simulateRetention } from '../../../core/model/retention/simulate.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const from = Date.UTC(2026, 0, 1);

test('two months of hourly points under 24 hourly and 14 daily settle at 37 points', () => {
  const keep = { hourly: 24, daily: 14 };
  const simulation = simulateRetention({ keep, everyMs: hourMs, from, until: from + 60 * dayMs - 1, zone: 'UTC' });
  expect(simulation.counts).toHaveLength(60 * 24);
  // The last 24 hours end with the newest of today and, but at midnight, of yesterday: one or two of the 14 days are among them.
  expect(new Set(simulation.counts.slice(24 * 20).map(({ points }) => points))).toEqual(new Set([36, 37]));
  expect(simulation.most).toBe(38);
});

test('it says which points exist on a day', () => {
  const simulation = simulateRetention({
    keep: { daily: 3 },
    everyMs: 12 * hourMs,
    from,
    until: from + 9 * dayMs,
    zone: 'UTC',
  });
  const there = pointsAt(simulation, from + 5 * dayMs + 13 * hourMs);
  expect(there.map(({ takenAt }) => new Date(takenAt).toISOString())).toEqual([
    '2026-01-04T12:00:00.000Z',
    '2026-01-05T12:00:00.000Z',
    '2026-01-06T12:00:00.000Z',
  ]);
  expect(pointsAt(simulation, from - 1)).toEqual([]);
});

test('points that were there before count, and go in their turn', () => {
  const existing = [1, 2, 3].map((days) => ({ point: `${days}`, takenAt: from - days * dayMs }));
  const simulation = simulateRetention({
    keep: { last: 3 },
    everyMs: dayMs,
    from,
    until: from + dayMs,
    existing,
    zone: 'UTC',
  });
  expect(simulation.points.map(({ expiredAt }) => expiredAt)).toEqual([from, from + dayMs, null, null, null]);
});

test('it comes to what deciding after each run would come to', () => {
  const count = fc.nat(4);
  fc.assert(
    fc.property(
      fc.record({ last: count, hourly: count, daily: count, weekly: count, monthly: count }),
      fc.constantFrom(hourMs / 2, hourMs, 5 * hourMs, 36 * hourMs),
      fc.constantFrom('UTC', 'Europe/London', 'Australia/Lord_Howe'),
      fc.date({ min: new Date('2026-03-01'), max: new Date('2026-04-30'), noInvalidDate: true }),
      (keep, everyMs, zone, start) => {
        const first = start.getTime();
        const simulation = simulateRetention({ keep, everyMs, from: first, until: first + 40 * everyMs, zone });
        let there: { point: string; takenAt: number }[] = [];
        for (const { at, points } of simulation.counts) {
          there.push({ point: `${at}`, takenAt: at });
          there = decideRetention(there, keep, at, zone).keep.map(({ point }) => point);
          expect(points).toBe(there.length);
          expect(pointsAt(simulation, at).map(({ takenAt }) => takenAt)).toEqual(
            there.map(({ takenAt }) => takenAt).sort((a, b) => a - b),
          );
        }
      },
    ),
    { numRuns: 25 },
  );
});

test('a simulation without end is refused', () => {
  for (const everyMs of [0, -1, Number.NaN, 1])
    expect(() => simulateRetention({ keep: {}, everyMs, from, until: from + dayMs })).toThrow('at most');
});
