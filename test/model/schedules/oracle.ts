import type { TimeWindow } from '../../../core/model/schedules/contract.ts';

// Slow and simple on purpose: looks at every minute of a stretch of time, one after the other, and shares nothing with what it judges.

/** A minute as the clocks of a zone show it. */
export interface Shown {
  readonly at: number;
  /** Minutes since 1970 on the wall. */
  readonly wall: number;
}

const names: Readonly<Record<string, number>> = { sun: 0, mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6 };

/** All minutes of some days, as a zone shows them. */
export function minutesOf(zone: string, from: number, days: number): readonly Shown[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  return Array.from({ length: days * 1_440 }, (_, index) => {
    const at = from + index * 60_000;
    return { at, wall: Date.parse(`${format.format(at).replace(' ', 'T')}:00Z`) / 60_000 };
  });
}

function fieldHas(field: string, value: number, least = 0): boolean {
  return field.split(',').some((item) => {
    const [range = '', step = '1'] = item.split('/');
    if (range === '*') return (value - least) % Number(step) === 0;
    const [from = 0, to = from] = range.split('-').map((end) => names[end.toLowerCase()] ?? Number(end));
    return value >= from && value <= to && (value - from) % Number(step) === 0;
  });
}

function weekdayHas(field: string, date: Date): boolean {
  const day = date.getUTCDate();
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return field.split(',').some((item) => {
    const [name = '', nth] = item.split('#');
    if (nth === undefined) return fieldHas(item, date.getUTCDay());
    if (!fieldHas(name, date.getUTCDay())) return false;
    return nth === 'L' ? day + 7 > lastDay : Math.ceil(day / 7) === Number(nth);
  });
}

/** Whether a cron expression names a minute on the wall. */
export function cronHas(cron: string, wall: number): boolean {
  const date = new Date(wall * 60_000);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.split(' ');
  if (!fieldHas(minute, date.getUTCMinutes()) || !fieldHas(hour, date.getUTCHours())) return false;
  if (!fieldHas(month, date.getUTCMonth() + 1, 1)) return false;
  const tomorrow = new Date(date.getTime() + 86_400_000);
  const isDay = day === 'L' ? tomorrow.getUTCDate() === 1 : fieldHas(day, date.getUTCDate(), 1);
  const isWeekday = weekdayHas(weekday, date);
  return day !== '*' && weekday !== '*' ? isDay || isWeekday : isDay && isWeekday;
}

/** Whether a minute on the wall is inside of one of some windows; of no windows each is. */
export function windowsHave(windows: readonly TimeWindow[], wall: number): boolean {
  if (windows.length === 0) return true;
  const [day, minute] = [(Math.floor(wall / 1_440) + 4) % 7, wall % 1_440];
  return windows.some(({ days, fromMinute, toMinute }) => {
    if (toMinute > fromMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute;
    return (days.includes(day) && minute >= fromMinute) || (days.includes((day + 6) % 7) && minute < toMinute);
  });
}

/** When a cron expression fires, by the rules of docs/formats/policies.md. The first minute is only looked at to know what was before. */
export function firings(cron: string, windows: readonly TimeWindow[], minutes: readonly Shown[]): readonly number[] {
  const keepsPace = cron.split(' ')[1]?.startsWith('*') === true;
  const isMeant = (wall: number) => cronHas(cron, wall) && windowsHave(windows, wall);
  const found: number[] = [];
  let furthest = minutes[0]?.wall ?? 0;
  for (const { at, wall } of minutes.slice(1)) {
    let fires = (keepsPace || wall > furthest) && isMeant(wall);
    // What was left out since the minute before.
    for (let left = furthest + 1; left < wall; left += 1) fires ||= isMeant(left);
    if (fires) found.push(at);
    furthest = Math.max(furthest, wall);
  }
  return found;
}
