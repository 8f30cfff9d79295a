import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimeRules, Timetable, TimeWindow, When } from '../../../core/model/schedules/contract.ts';
import { openTimetable } from '../../../core/model/schedules/timetable.ts';
import { parseWhen } from '../../../core/model/schedules/when.ts';
import { parseWindow } from '../../../core/model/schedules/window.ts';
import { firings, minutesOf, type Shown, windowsHave } from './oracle.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const utc = (text: string): number => Date.parse(`${text}Z`);

const rules = (zone: string, more: Partial<TimeRules> = {}): TimeRules => ({
  zone,
  windows: [],
  blackouts: [],
  ...more,
});

const tableOf = (text: string, zone = 'UTC', more: Partial<TimeRules> = {}): Timetable =>
  openTimetable(parseWhen(text), rules(zone, more));

/** All occurrences of some days, asked one after the other. */
function walk(table: Timetable, after: number, until: number): number[] {
  const found: number[] = [];
  for (let at = table.next(after); at !== null && at <= until; at = table.next(at)) found.push(at);
  return found;
}

const shown = (zone: string, times: readonly (number | null)[]): string[] => {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return times.map((at) => (at === null ? 'never' : format.format(at)));
};

/** Ten days around each change of clocks, and around none. */
const stretches: readonly (readonly [zone: string, from: number])[] = [
  ['Europe/London', utc('2026-03-25T00:00')],
  ['Europe/London', utc('2026-10-21T00:00')],
  ['America/New_York', utc('2026-03-04T00:00')],
  ['America/New_York', utc('2026-10-28T00:00')],
  ['Australia/Lord_Howe', utc('2026-03-31T00:00')],
  ['Australia/Lord_Howe', utc('2026-09-30T00:00')],
  ['America/Havana', utc('2026-10-28T00:00')],
  ['Africa/Cairo', utc('2026-04-20T00:00')],
  ['Asia/Kathmandu', utc('2026-02-24T00:00')],
  ['Pacific/Apia', utc('2011-12-27T00:00')],
];
const days = 10;
const minutesOfStretches = new Map<number, readonly Shown[]>();
const minutesIn = (index: number): readonly Shown[] => {
  const [zone, from] = stretches[index] ?? ['UTC', 0];
  const minutes = minutesOfStretches.get(index) ?? minutesOf(zone, from, days);
  minutesOfStretches.set(index, minutes);
  return minutes;
};

const someOf = (values: readonly string[]) =>
  fc.subarray([...values], { minLength: 1, maxLength: 3 }).map((chosen) => chosen.join(','));
const cron = fc
  .tuple(
    fc.oneof(fc.constantFrom('*', '*/7', '*/15', '0', '30', '59'), someOf(['0', '1', '15-20', '29-31', '45-59/7'])),
    fc.oneof(fc.constantFrom('*', '*/2', '*/5', '0', '1', '2', '3'), someOf(['0', '1-2', '2', '3', '22-23', '0-23/4'])),
    fc.oneof({ weight: 4, arbitrary: fc.constant('*') }, someOf(['1', '5', '28-31', '25', '*/3']), fc.constant('L')),
    fc.constantFrom('*', '*', '*', '3,10', '9-12', '*/2'),
    fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, someOf(['SUN', 'MON-FRI', '6', 'SAT#1', 'SUN#L', 'sun#5'])),
  )
  .map((fields) => fields.join(' '));
const minute = fc.oneof(fc.integer({ min: 0, max: 1_439 }), fc.constantFrom(0, 60, 90, 120, 150, 180));
const window: fc.Arbitrary<TimeWindow> = fc.record({
  text: fc.constant('made'),
  days: fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }),
  fromMinute: minute,
  toMinute: minute.map((at) => (at === 0 ? 1_440 : at)),
});
const windows = fc.oneof(fc.constant<TimeWindow[]>([]), fc.array(window, { minLength: 1, maxLength: 3 }));
const stretch = fc.nat({ max: stretches.length - 1 });

describe('a calendar', () => {
  test('fires at exactly the minutes at which looking at the clock every minute would, over every change of clocks', () => {
    fc.assert(
      fc.property(cron, windows, stretch, (text, within, index) => {
        const minutes = minutesIn(index);
        const [zone] = stretches[index] ?? ['UTC'];
        const [first, last] = [minutes[0]?.at ?? 0, minutes.at(-1)?.at ?? 0];
        const when: When = { kind: 'calendar', text, cron: text };
        const table = openTimetable(when, rules(zone, { windows: within }));
        expect(walk(table, first, last)).toEqual(firings(text, within, minutes));
      }),
      { numRuns: 400 },
    );
  });

  test('is the same from wherever one looks, forwards and backwards', () => {
    fc.assert(
      fc.property(
        cron,
        windows,
        stretch,
        fc.nat({ max: days * 1_440 }),
        fc.integer({ min: 0, max: 20 }),
        (text, within, index, offset, limit) => {
          const [zone, from] = stretches[index] ?? ['UTC', 0];
          const table = openTimetable({ kind: 'calendar', text, cron: text }, rules(zone, { windows: within }));
          const until = from + days * dayMs;
          const after = from + offset * 60_000 + 1;
          const all = walk(table, from - 1, until);
          const some = all.filter((at) => at > after);
          if (some.length > 0) expect(table.next(after)).toBe(some[0]);
          expect(table.between(after, until, limit)).toEqual(limit === 0 ? [] : some.slice(-limit));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('an hour that is left out runs once, as soon as the clocks are set forward', () => {
    const london = tableOf('30 1 * * *', 'Europe/London');
    expect(shown('Europe/London', walk(london, utc('2026-03-28T00:00'), utc('2026-03-30T12:00')))).toEqual([
      '2026-03-28 01:30',
      '2026-03-29 02:00',
      '2026-03-30 01:30',
    ]);
    const newYork = tableOf('0,20,40 2 * * *', 'America/New_York');
    expect(shown('America/New_York', walk(newYork, utc('2026-03-08T05:00'), utc('2026-03-08T16:00')))).toEqual([
      '2026-03-08 03:00',
    ]);
    const lordHowe = tableOf('15 2 * * *', 'Australia/Lord_Howe');
    expect(shown('Australia/Lord_Howe', [lordHowe.next(utc('2026-10-03T13:00'))])).toEqual(['2026-10-04 02:30']);
  });

  test('an hour that comes twice runs once, at first', () => {
    const london = tableOf('30 1 * * *', 'Europe/London');
    expect(walk(london, utc('2026-10-25T00:00'), utc('2026-10-25T12:00'))).toEqual([utc('2026-10-25T00:30')]);
    const newYork = tableOf('0 1 * * *', 'America/New_York');
    expect(walk(newYork, utc('2026-11-01T04:00'), utc('2026-11-01T20:00'))).toEqual([utc('2026-11-01T05:00')]);
    const lordHowe = tableOf('45 1 * * *', 'Australia/Lord_Howe');
    expect(walk(lordHowe, utc('2026-04-04T12:00'), utc('2026-04-05T10:00'))).toEqual([utc('2026-04-04T14:45')]);
  });

  test('what runs every hour keeps its pace in an hour that comes twice', () => {
    const hourly = tableOf('hourly', 'Europe/London');
    expect(walk(hourly, utc('2026-10-24T22:30'), utc('2026-10-25T03:30')).map((at) => at / hourMs)).toEqual(
      [23, 24, 25, 26, 27].map((hour) => utc('2026-10-24T00:00') / hourMs + hour),
    );
  });

  test('of two neighbours the first Saturday and the last Friday are found, years ahead too', () => {
    const first = tableOf('first Sat 20:00');
    expect(shown('UTC', [first.next(utc('2026-01-01T00:00')), first.next(utc('2026-01-03T20:00'))])).toEqual([
      '2026-01-03 20:00',
      '2026-02-07 20:00',
    ]);
    const leap = tableOf('0 0 29 2 *');
    expect(shown('UTC', [leap.next(utc('2024-02-29T00:00'))])).toEqual(['2028-02-29 00:00']);
    // 2100 is no leap year, so that it is eight years until the next.
    expect(leap.next(utc('2096-02-29T00:00'))).toBeNull();
  });
});

describe('every so often', () => {
  const every = fc.oneof(
    fc.integer({ min: 1, max: 1_440 }),
    fc.constantFrom(1, 15, 60, 90, 240, 720, 1_440, 2_880, 10_080, 40_320),
    fc.integer({ min: 1_441, max: 20_000 }),
  );

  test('is never further apart than it says, but for whole days, and begins anew at midnight', () => {
    fc.assert(
      fc.property(every, stretch, (minutes, index) => {
        const [zone, from] = stretches[index] ?? ['UTC', 0];
        const everyMs = minutes * 60_000;
        const table = openTimetable({ kind: 'every', text: 'made', everyMs }, rules(zone));
        const until = from + Math.max(days * dayMs, 3 * everyMs);
        const all = minutes < 5 ? walk(table, from, from + dayMs) : walk(table, from, until);
        const isWholeDays = everyMs % dayMs === 0;
        const gaps = all.slice(1).map((at, at0) => at - (all[at0] ?? 0));
        // A day may have 25 hours; some have none.
        expect(Math.max(...gaps)).toBeLessThanOrEqual(everyMs + (isWholeDays ? hourMs : 0));
        expect(all.length).toBeGreaterThan(0);
        const midnights = minutesIn(index).filter(({ wall }, at, list) => {
          const before = list[at - 1];
          return before !== undefined && Math.floor(wall / 1_440) > Math.floor(before.wall / 1_440);
        });
        if (everyMs <= dayMs && minutes >= 5) for (const { at } of midnights) if (at > from) expect(all).toContain(at);
      }),
      { numRuns: 150 },
    );
  });

  test('quarters of an hour are the same as everybody writes them, on every day', () => {
    for (const [index, [zone, from]] of stretches.slice(0, 6).entries()) {
      const table = openTimetable(parseWhen('every 15m'), rules(zone));
      const quarters = minutesIn(index).filter(({ wall, at }) => wall % 15 === 0 && at > from);
      expect(walk(table, from, from + days * dayMs - 1)).toEqual(quarters.map(({ at }) => at));
    }
  });

  test('whole days are counted from a Monday, so that every week is every Monday', () => {
    const table = tableOf('every 1w', 'Europe/London');
    expect(shown('Europe/London', walk(table, utc('2026-03-20T00:00'), utc('2026-04-07T00:00')))).toEqual([
      '2026-03-23 00:00',
      '2026-03-30 00:00',
      '2026-04-06 00:00',
    ]);
  });

  test('outside of its windows it does not run', () => {
    fc.assert(
      fc.property(every, windows, stretch, (minutes, within, index) => {
        const [zone, from] = stretches[index] ?? ['UTC', 0];
        const when: When = { kind: 'every', text: 'made', everyMs: minutes * 60_000 };
        const until = from + (minutes < 5 ? 2 : days) * dayMs - 1;
        const free = walk(openTimetable(when, rules(zone)), from - 1, until);
        const wallOf = new Map(minutesIn(index).map(({ at, wall }) => [at, wall]));
        expect(walk(openTimetable(when, rules(zone, { windows: within })), from - 1, until)).toEqual(
          free.filter((at) => windowsHave(within, wallOf.get(Math.floor(at / 60_000) * 60_000) ?? 0)),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('blackouts and windows', () => {
  const once = (from: string, to: string) => ({ kind: 'once', from: utc(from), to: utc(to), why: null }) as const;
  const weekly = (text: string) => ({ kind: 'weekly', window: parseWindow(text), why: null }) as const;

  test('nothing begins before all that overlap have ended', () => {
    const table = tableOf('hourly', 'UTC', {
      blackouts: [
        once('2026-01-02T00:00', '2026-01-03T03:30'),
        weekly('Sat 03:00-04:00'),
        once('2026-01-03T04:00', '2026-01-03T05:00'),
        once('2026-01-02T12:00', '2026-01-02T13:00'),
      ],
    });
    expect(shown('UTC', [table.openFrom(utc('2026-01-02T00:00'))])).toEqual(['2026-01-03 05:00']);
    expect(table.openFrom(utc('2026-01-01T23:59'))).toBe(utc('2026-01-01T23:59'));
    expect(table.openFrom(utc('2026-01-03T05:00'))).toBe(utc('2026-01-03T05:00'));
  });

  test('one that never ends is said to', () => {
    const table = tableOf('hourly', 'UTC', { blackouts: [weekly('Mon-Sun 00:00-24:00')] });
    expect(table.openFrom(0)).toBe(Number.POSITIVE_INFINITY);
  });

  test('the first moment that is open is the one that looking every minute would find', () => {
    fc.assert(
      fc.property(
        fc.array(window, { minLength: 1, maxLength: 3 }),
        stretch,
        fc.nat({ max: 8 * 1_440 }),
        (within, index, offset) => {
          const minutes = minutesIn(index);
          const [zone] = stretches[index] ?? ['UTC'];
          const at = minutes[offset]?.at ?? 0;
          const blackouts = within.map((window) => ({ kind: 'weekly', window, why: null }) as const);
          const closed = openTimetable({ kind: 'asked' }, rules(zone, { blackouts }));
          const open = closed.openFrom(at);
          const isOut = minutes.slice(offset).find(({ wall }) => !windowsHave(within, wall))?.at;
          if (isOut !== undefined) expect(open).toBe(isOut);
          const inside = openTimetable({ kind: 'asked' }, rules(zone, { windows: within })).windowFrom(at);
          const isIn = minutes.slice(offset).find(({ wall }) => windowsHave(within, wall))?.at;
          if (isIn !== undefined) expect(inside).toBe(isIn);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a window that was over comes once more when the clocks are set back into it', () => {
    const windows = [parseWindow('Sat 00:00-24:00'), parseWindow('Sat 03:00-01:30')];
    // In London 01:30 comes at 00:30 and at 01:30 UTC on that Sunday; from 01:00 UTC on the clocks show 01:00 again.
    const london = openTimetable({ kind: 'asked' }, rules('Europe/London', { windows }));
    expect(london.windowFrom(utc('2026-10-25T00:30'))).toBe(utc('2026-10-25T01:00'));
    const closed = openTimetable(
      { kind: 'asked' },
      {
        ...rules('Europe/London'),
        blackouts: [{ kind: 'weekly', window: parseWindow('Sun 01:30-05:00'), why: null }],
      },
    );
    expect(closed.openFrom(utc('2026-10-25T00:45'))).toBe(utc('2026-10-25T01:00'));
    // In Havana midnight comes at 04:00 and at 05:00 UTC.
    const havana = tableOf('* * 1,25 * *', 'America/Havana', { windows: [parseWindow('Sat 01:30-00:01')] });
    expect(walk(havana, utc('2026-11-01T03:00'), utc('2026-11-02T00:00'))).toEqual([
      utc('2026-11-01T04:00'),
      utc('2026-11-01T05:00'),
    ]);
    const paced = tableOf('every 1h', 'America/Havana', { windows: [parseWindow('Sat 23:30-00:01')] });
    expect(walk(paced, utc('2026-11-01T03:30'), utc('2026-11-02T00:00'))).toEqual([
      utc('2026-11-01T04:00'),
      utc('2026-11-01T05:00'),
    ]);
  });

  test('a window over midnight belongs to the day on which it begins', () => {
    const table = tableOf('*/30 * * * *', 'UTC', { windows: [parseWindow('Fri 23:00-01:00')] });
    expect(shown('UTC', walk(table, utc('2026-01-01T00:00'), utc('2026-01-08T00:00')))).toEqual([
      '2026-01-02 23:00',
      '2026-01-02 23:30',
      '2026-01-03 00:00',
      '2026-01-03 00:30',
    ]);
  });

  test('a schedule that its windows never let run has no occurrence', () => {
    expect(tableOf('daily 12:00', 'UTC', { windows: [parseWindow('20:00-06:00')] }).next(0)).toBeNull();
    const narrow = tableOf('0-29 * * * *', 'UTC', {
      windows: Array.from({ length: 24 }, (_, hour) => parseWindow(`${hour}:30-${hour}:59`)),
    });
    expect(narrow.next(utc('2026-01-01T00:00'))).toBeNull();
    expect(narrow.between(0, utc('2026-01-01T00:00'), 10)).toEqual([]);
  });

  test('what only runs when asked has no time of its own', () => {
    const table = openTimetable({ kind: 'asked' }, rules('UTC'));
    expect([table.next(0), table.longestGapMs(0), table.between(0, dayMs, 9).length]).toEqual([null, null, 0]);
  });
});

describe('the longest time between two occurrences', () => {
  const from = utc('2026-01-01T00:00');
  /** The same by looking at each. */
  const slowly = (table: Timetable): number | null => {
    const all = walk(table, from, from + 366 * dayMs);
    // So many that they cannot be given to Math.max at once.
    return all.length < 2 ? null : all.slice(1).reduce((most, at, index) => Math.max(most, at - (all[index] ?? 0)), 0);
  };

  test('is that of looking at each occurrence of the year', () => {
    fc.assert(
      fc.property(cron, windows, stretch, (text, within, index) => {
        fc.pre(!text.startsWith('* *') && !text.startsWith('*/7 *'));
        const table = openTimetable(
          { kind: 'calendar', text, cron: text },
          rules(stretches[index]?.[0] ?? 'UTC', { windows: within }),
        );
        expect(table.longestGapMs(from)).toBe(slowly(table));
      }),
      { numRuns: 40 },
    );
  });

  test('a day that begins at one o’clock takes nothing from the day after it', () => {
    expect(tableOf('* 0 * * *', 'Africa/Cairo').longestGapMs(from)).toBe(1_441 * 60_000);
    expect(tableOf('0 0,4,8,12,16,20 * * *', 'America/Havana').longestGapMs(from)).toBe(5 * hourMs);
  });

  test('a day longer is the day on which clocks are set back', () => {
    expect(tableOf('daily 07:00', 'Europe/London').longestGapMs(from)).toBe(25 * hourMs);
    expect(tableOf('daily 07:00').longestGapMs(from)).toBe(24 * hourMs);
    expect(tableOf('every 7h', 'Europe/London').longestGapMs(from)).toBe(7 * hourMs);
    expect(tableOf('hourly', 'UTC', { windows: [parseWindow('Mon-Fri 20:00-06:00')] }).longestGapMs(from)).toBe(
      63 * hourMs,
    );
    expect(tableOf('0 0 1 1 *').longestGapMs(from + 1)).toBeNull();
  });

  test('a blackout that comes every week makes it longer, one that comes once does not', () => {
    const blackouts = [{ kind: 'weekly', window: parseWindow('Sun 03:00-05:30'), why: null } as const];
    expect(tableOf('hourly', 'UTC', { blackouts }).longestGapMs(from)).toBe(3.5 * hourMs);
    expect(tableOf('hourly', 'UTC', { blackouts, catchUp: false }).longestGapMs(from)).toBe(4 * hourMs);
    const christmas = [
      { kind: 'once', from: utc('2026-12-24T00:00'), to: utc('2026-12-27T00:00'), why: null } as const,
    ];
    expect(tableOf('hourly', 'UTC', { blackouts: christmas }).longestGapMs(from)).toBe(hourMs);
  });
});

test('questions about ages far away and clocks that are far off cost little and answer something', () => {
  const table = tableOf('* * * * *', 'Europe/London', {
    blackouts: [{ kind: 'weekly', window: parseWindow('Sun 01:00-02:00'), why: null }],
  });
  for (const at of [-8.64e15, -1, 0, 8.64e15, Number.MAX_SAFE_INTEGER]) {
    table.next(at);
    table.openFrom(at);
    table.windowFrom(at);
  }
  expect(table.between(0, utc('2900-01-01T00:00'), 3)).toHaveLength(3);
  expect(table.between(utc('2900-01-01T00:00'), 0, 3)).toEqual([]);
  expect(table.between(0, utc('2026-01-01T00:00'), 1_000)).toHaveLength(1_000);
});
