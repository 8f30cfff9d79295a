import fc from 'fast-check';
import { expect, test } from 'vitest';
import { calendarOf } from '../../../core/model/retention/calendar.ts';

const zones = ['UTC', 'Europe/London', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Apia', 'Australia/Lord_Howe'];

test('the day, month and year are those that a wall clock in the zone shows', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.date({ min: new Date('1972-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }),
      (zone, date) => {
        // Swedish dates are ISO dates.
        const [day = '', time = ''] = date.toLocaleString('sv-SE', { timeZone: zone }).split(' ');
        const periods = calendarOf(zone)(date.getTime());
        expect(periods.daily).toBe(day);
        expect(periods.monthly).toBe(day.slice(0, 7));
        expect(periods.yearly).toBe(day.slice(0, 4));
        expect(periods.hourly.startsWith(`${day} ${time.slice(0, 2)}h `)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test('seven days in a row lie in one or two weeks, and the same weekday seven days on in the next', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1972-01-01'), max: new Date('2099-01-01'), noInvalidDate: true }), (date) => {
      const periodsAt = calendarOf('UTC');
      const weekOn = (days: number) => periodsAt(date.getTime() + days * 86_400_000).weekly;
      const weeks = new Set([0, 1, 2, 3, 4, 5, 6].map(weekOn));
      expect(weeks.size).toBe(date.getUTCDay() === 1 ? 1 : 2);
      expect(weekOn(7) > weekOn(0)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('the day that Samoa skipped never was', () => {
  const periodsAt = calendarOf('Pacific/Apia');
  expect(periodsAt(Date.parse('2011-12-30T09:59Z')).daily).toBe('2011-12-29');
  expect(periodsAt(Date.parse('2011-12-30T10:00Z')).daily).toBe('2011-12-31');
});
