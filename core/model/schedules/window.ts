import type { TimeWindow } from './contract.ts';
import { invalidSchedule } from './invalid.ts';
import { parseDays, parseTime } from './weekdays.ts';

const remedy = 'write it like Mon-Fri 22:00-06:00, weekends 00:00-24:00 or 22:00-06:00';

/**
 * Reads a window: days, then from when to when: `Mon-Fri 22:00-06:00`. Without days it is every day. One that ends before it begins, or when it begins, goes
 * on into the next day.
 * @throws {HoldfastError} `SCHEDULE_INVALID`.
 */
export function parseWindow(text: string): TimeWindow {
  const words = text.length > 200 ? [] : text.trim().split(/\s+/);
  const hours = words.at(-1) ?? '';
  const days = words.length === 1 ? parseDays('daily') : words.length === 2 ? parseDays(words[0] ?? '') : null;
  const [from = '', to = '', ...more] = hours.split('-');
  const [fromMinute, end] = [parseTime(from), parseTime(to, true)];
  if (days === null || fromMinute === null || end === null || more.length > 0)
    throw invalidSchedule(text, 'is no window', remedy);
  // Midnight as an end is the end of a day.
  return { text: text.trim(), days, fromMinute, toMinute: end === 0 ? 1_440 : end };
}
