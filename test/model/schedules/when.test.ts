import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCron } from '../../../core/model/schedules/cron.ts';
import { openTimetable } from '../../../core/model/schedules/timetable.ts';
import { parseWhen, whenText } from '../../../core/model/schedules/when.ts';
import { parseWindow } from '../../../core/model/schedules/window.ts';

const words: readonly (readonly [text: string, cron: string])[] = [
  ['Sun 02:00', '0 2 * * SUN'],
  ['daily 07:00', '0 7 * * *'],
  ['DAILY 7:05', '5 7 * * *'],
  ['weekdays 22:00', '0 22 * * MON,TUE,WED,THU,FRI'],
  ['weekends 10:30', '30 10 * * SUN,SAT'],
  ['Mon,Wed 01:30', '30 1 * * MON,WED'],
  ['Fri-Mon 01:30', '30 1 * * SUN,MON,FRI,SAT'],
  ['Saturday 00:00', '0 0 * * SAT'],
  ['first Sat 20:00', '0 20 * * SAT#1'],
  ['last  Fri\t18:00', '0 18 * * FRI#L'],
  ['second Tue,Thu 03:00', '0 3 * * TUE#2,THU#2'],
  ['first day 06:00', '0 6 1 * *'],
  ['last day 23:00', '0 23 L * *'],
  ['hourly', '0 * * * *'],
  ['*/15 8-17 * * MON-FRI', '*/15 8-17 * * MON-FRI'],
];

test.for(words)('%s is understood', ([text, cron]) => {
  expect(parseWhen(` ${text} `)).toEqual({ kind: 'calendar', text, cron });
  expect(whenText(parseWhen(text))).toBe(text);
});

test('every so often is understood', () => {
  expect(parseWhen('every 1h30m')).toEqual({ kind: 'every', text: '1h30m', everyMs: 5_400_000 });
  expect(whenText(parseWhen('Every 15m'))).toBe('every 15m');
  expect(whenText({ kind: 'asked' })).toBeNull();
});

const refused = [
  '',
  'Sun',
  '02:00',
  'Sun 24:00',
  'Sun 2',
  'someday 02:00',
  'Sun- 02:00',
  'fifth Mon 02:00',
  'second day 02:00',
  'daily 07:00 08:00',
  'hourly 02:00',
  'every',
  'every 10s',
  'every 29d',
  'every day',
  '@daily',
  '0 2 * *',
  '0 0 2 * * *',
  '60 * * * *',
  '* 24 * * *',
  '5/5 * * * *',
  '*/0 * * * *',
  '30-10 * * * *',
  '0 0 32 * *',
  '0 0 15W * *',
  '0 0 * 13 *',
  '0 0 * * SAT#6',
  '0 0 * * ☃',
  `${'1,'.repeat(200)}1 * * * *`,
];

test.for(refused)('%j is refused, and what would do is told', (text) => {
  expect(() => parseWhen(text)).toThrow(
    expect.objectContaining({ code: 'SCHEDULE_INVALID', remedy: expect.stringMatching(/write|name/) }),
  );
});

test.for(['0 0 31 2 *', '0 0 30 2 *', '0 0 31 4,6,9,11 *', '* * 31 FEB *'])(
  'a cron that never fires is refused by name: %s',
  (text) => {
    expect(() => parseWhen(text)).toThrow(
      expect.objectContaining({
        code: 'SCHEDULE_INVALID',
        message: `${JSON.stringify(text)} never fires: there is no such day`,
      }),
    );
  },
);

test('a day that only leap years have is one', () => {
  expect(openCron('0 0 29 2 *').dayFrom(0)).toBe(Date.UTC(1972, 1, 29) / 86_400_000);
});

test('whatever is written is understood or refused, at once, and what is understood has times', () => {
  const piece = fc.constantFrom(
    '*',
    '/',
    ',',
    '-',
    '#',
    'L',
    'SUN',
    'MON',
    'JAN',
    '0',
    '1',
    '7',
    '31',
    '59',
    ' ',
    'every',
    'last',
    '02:00',
    'W',
    '?',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    fc.array(piece, { minLength: 5, maxLength: 5 }).map((pieces) => pieces.join(' ')),
  );
  fc.assert(
    fc.property(text, (written) => {
      try {
        const table = openTimetable(parseWhen(written), { zone: 'Europe/London', windows: [], blackouts: [] });
        const from = Date.UTC(2026, 0, 1);
        const next = table.next(from);
        expect(next).toBeGreaterThan(from);
      } catch (problem) {
        expect(problem).toMatchObject({ code: 'SCHEDULE_INVALID' });
      }
    }),
    { numRuns: 2_000 },
  );
});

test('windows are understood', () => {
  const every = [0, 1, 2, 3, 4, 5, 6];
  expect(parseWindow('Mon-Fri 22:00-06:00')).toEqual({
    text: 'Mon-Fri 22:00-06:00',
    days: [1, 2, 3, 4, 5],
    fromMinute: 1_320,
    toMinute: 360,
  });
  expect(parseWindow('22:00-00:00')).toMatchObject({ days: every, fromMinute: 1_320, toMinute: 1_440 });
  expect(parseWindow('weekends 00:00-24:00')).toMatchObject({ days: [0, 6], fromMinute: 0, toMinute: 1_440 });
  expect(parseWindow('sat-mon 6:00-6:00')).toMatchObject({ days: [0, 1, 6], fromMinute: 360, toMinute: 360 });
});

test.for([
  '',
  'Mon',
  '22:00',
  '22:00-25:00',
  '24:00-06:00',
  'Mon 22:00-06:00-07:00',
  'Mon Tue 22:00-06:00',
  'x 22:00-06:00',
])('%j is no window', (text) => {
  expect(() => parseWindow(text)).toThrow(expect.objectContaining({ code: 'SCHEDULE_INVALID' }));
});
