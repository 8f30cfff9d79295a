import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Blackout } from '../../../core/model/schedules/contract.ts';
import { decideDue, nextBeginning, onTimeMs } from '../../../core/model/schedules/due.ts';
import { openTimetable } from '../../../core/model/schedules/timetable.ts';
import { parseWhen } from '../../../core/model/schedules/when.ts';
import { parseWindow } from '../../../core/model/schedules/window.ts';

const minuteMs = 60_000;
const dayMs = 1_440 * minuteMs;
const from = Date.UTC(2026, 2, 27);

const schedule = fc.constantFrom('hourly', '*/20 * * * *', 'daily 01:30', 'Mon,Sat 02:00', 'every 90m', '0 3,4 * * *');
const windows = fc.constantFrom([], ['01:00-05:00'], ['22:00-04:30', 'Sun 12:00-13:00']);
const blackout = fc.oneof(
  fc
    .constantFrom('Sun 00:00-03:00', 'Mon-Fri 01:15-01:45')
    .map((text): Blackout => ({ kind: 'weekly', window: parseWindow(text), why: null })),
  fc.tuple(fc.nat({ max: 3 * 1_440 }), fc.integer({ min: 1, max: 1_440 })).map(
    ([begin, length]): Blackout => ({
      kind: 'once',
      from: from + begin * minuteMs,
      to: from + (begin + length) * minuteMs,
      why: null,
    }),
  ),
);
const table = fc
  .tuple(schedule, windows, fc.array(blackout, { maxLength: 2 }), fc.constantFrom('UTC', 'Europe/London'))
  .map(([text, within, blackouts, zone]) =>
    openTimetable(parseWhen(text), { zone, windows: within.map(parseWindow), blackouts }),
  );

test('what is foreseen to begin is what begins, whoever looks every minute', () => {
  fc.assert(
    fc.property(table, fc.boolean(), fc.nat({ max: 1_440 }), (times, catchUp, offset) => {
      const now = from + offset * minuteMs;
      let handled = now;
      let begun: number | null = null;
      for (let at = now + minuteMs; at < now + 4 * dayMs && begun === null; at += minuteMs) {
        const due = decideDue(times, handled, at, catchUp);
        if (due.kind === 'skip') handled = due.due;
        if (due.kind === 'fire') begun = at;
      }
      if (begun !== null) expect(nextBeginning(times, now, now, catchUp)).toBe(begun);
    }),
    { numRuns: 200 },
  );
});

test('whenever one looks, at most one occurrence begins, it is the newest, and none is forgotten', () => {
  fc.assert(
    fc.property(
      table,
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 2_000 }), { maxLength: 40 }),
      (times, catchUp, steps) => {
        let [handled, at, dealtWith] = [from, from, 0];
        for (const step of steps) {
          at += step * minuteMs;
          const due = decideDue(times, handled, at, catchUp);
          if (due.kind === 'nothing') expect(times.next(handled) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(at);
          if (due.kind !== 'fire' && due.kind !== 'skip') continue;
          expect(due.due).toBeGreaterThan(handled);
          expect(times.next(due.due) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(at);
          if (due.kind === 'fire') {
            expect(times.openFrom(at)).toBe(at);
            if (due.isCatchUp) expect([catchUp, times.windowFrom(at)]).toEqual([true, at]);
            else expect(at - due.due).toBeLessThanOrEqual(onTimeMs);
          }
          dealtWith += due.kind === 'fire' ? due.missed + 1 : due.missed;
          handled = due.due;
        }
        expect(dealtWith).toBe(times.between(from, handled, 100_000).length);
      },
    ),
    { numRuns: 200 },
  );
});
