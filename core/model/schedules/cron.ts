import { Cron } from 'croner';
import { invalidSchedule } from './invalid.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** A cron expression, taken apart into the days on which it fires and the minutes of such a day. On the wall: without any zone. */
export interface CronParts {
  /** Minutes since midnight, sorted. */
  readonly minutes: readonly number[];
  /** Whether it is written for every hour or every so many hours: then it keeps its pace in an hour that comes twice. */
  readonly keepsPace: boolean;
  /** The first day from `day` on (days since 1970-01-01) on which it fires, if it comes within some years. */
  dayFrom(day: number): number | null;
}

const remedy = 'write five fields (minute hour day month weekday), for example 30 2 * * MON-FRI or 0 20 * * SAT#1';
const fieldPattern = /^[0-9A-Za-z*,/#-]{1,100}$/;

/**
 * Takes a cron expression of five fields apart. Where day of month and weekday are both given, one of the two is enough, as cron has it.
 * @throws {HoldfastError} `SCHEDULE_INVALID` when it is not understood or never fires.
 */
export function openCron(text: string): CronParts {
  const fields = text.trim().split(/\s+/);
  const [minute = '', hour = '', ...day] = fields;
  if (fields.length !== 5 || fields.some((field) => !fieldPattern.test(field)) || /[Ww]/.test(day[0] ?? ''))
    throw invalidSchedule(text, 'is not understood', remedy);
  const minutes = numbersOf(minute, 60);
  const hours = numbersOf(hour, 24);
  if (minutes === null) throw invalidSchedule(text, `has a minute that is not understood: ${minute}`, remedy);
  if (hours === null) throw invalidSchedule(text, `has an hour that is not understood: ${hour}`, remedy);
  let days: Cron;
  try {
    // Days on the wall: that of UTC has no hour twice, and each day has a midnight.
    days = new Cron(`0 0 ${day.join(' ')}`, { mode: '5-part', utcOffset: 0, paused: true });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/^CronPattern: /, '') : String(cause);
    throw invalidSchedule(text, `is not understood: ${why}`, remedy);
  }
  if (days.nextRun(new Date(0)) === null)
    throw invalidSchedule(
      text,
      'never fires: there is no such day',
      'name a day that comes, for example L for the last of a month',
    );
  const found = new Map<number, number | null>();
  return {
    minutes: hours.flatMap((at) => minutes.map((past) => at * 60 + past)),
    keepsPace: hour.startsWith('*'),
    dayFrom(from) {
      let next = found.get(from);
      if (next === undefined) {
        const run = days.nextRun(new Date(from * dayMs - minuteMs));
        next = run === null ? null : run.getTime() / dayMs;
        if (found.size > 10_000) found.clear();
        found.set(from, next);
      }
      return next;
    },
  };
}

/** What a field of minutes or hours names, sorted: numbers, `a-b`, `*`, with `/n` behind the last two. `null` when it is something else. */
function numbersOf(field: string, count: number): readonly number[] | null {
  const named = new Set<number>();
  for (const item of field.split(',')) {
    const [, star, from = '', to = from, by = '1'] =
      /^(?:(\*)|(\d{1,2})(?:-(\d{1,2}))?)(?:\/(\d{1,2}))?$/.exec(item) ?? [];
    const [first, last] = star === undefined ? [Number(from), Number(to)] : [0, count - 1];
    const step = Number(by);
    const isStepped = item.includes('/') && star === undefined && !item.includes('-');
    if ((star === undefined && from === '') || isStepped || first > last || last >= count || step < 1) return null;
    for (let at = first; at <= last; at += step) named.add(at);
  }
  return [...named].sort((a, b) => a - b);
}
