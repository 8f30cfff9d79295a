import { parseDuration } from '../policies/duration.ts';
import type { When } from './contract.ts';
import { openCron } from './cron.ts';
import { invalidSchedule } from './invalid.ts';
import { dayNames, parseDays, parseTime } from './weekdays.ts';

const remedy =
  'write it like daily 07:00, weekdays 22:00, Mon,Wed 01:30, first Sat 20:00, last Fri 18:00, hourly, every 15m, or as cron: 0 2 * * *';
const dayMs = 86_400_000;
const ordinals: Readonly<Record<string, string>> = { first: '1', second: '2', third: '3', fourth: '4', last: 'L' };

/** How often `every` may be at most and must be at least. */
export const everyLimits = { leastMs: 60_000, mostMs: 28 * dayMs } as const;

/**
 * Reads when something runs: words, cron, or `every 15m`.
 * @throws {HoldfastError} `SCHEDULE_INVALID` when it is not understood or never fires.
 * @see docs/formats/policies.md, Times
 */
export function parseWhen(text: string): When {
  const written = text.trim();
  if (written.length > 200) throw invalidSchedule(text, 'is too long', remedy);
  const [first = '', ...rest] = written.split(/\s+/);
  if (first.toLowerCase() === 'every') return every(text, rest);
  const cron = cronOf(first, rest) ?? written;
  if (cron === written && rest.length !== 4) throw invalidSchedule(text, 'is no time', remedy);
  openCron(cron);
  return { kind: 'calendar', text: written, cron };
}

/** As people write it: `every 15m`, `first Sat 20:00`; `null` for what runs only when somebody asks. */
export function whenText(when: When): string | null {
  if (when.kind === 'asked') return null;
  return when.kind === 'every' ? `every ${when.text}` : when.text;
}

function every(text: string, rest: readonly string[]): When {
  const [duration = ''] = rest;
  const everyMs = rest.length === 1 ? parseDuration(duration) : null;
  if (everyMs === null || everyMs < everyLimits.leastMs || everyMs > everyLimits.mostMs)
    throw invalidSchedule(text, 'is no time between every 1m and every 4w', remedy);
  return { kind: 'every', text: duration, everyMs };
}

/** The cron expression that words mean; `null` when they are no such words. */
function cronOf(first: string, rest: readonly string[]): string | null {
  if (first.toLowerCase() === 'hourly' && rest.length === 0) return '0 * * * *';
  const ordinal = ordinals[first.toLowerCase()];
  const [days, time, ...more] = ordinal === undefined ? [first, ...rest] : rest;
  const minutes = parseTime(time ?? '');
  if (minutes === null || days === undefined || more.length > 0) return null;
  const at = `${minutes % 60} ${Math.floor(minutes / 60)}`;
  if (ordinal !== undefined && days.toLowerCase() === 'day') return dayOfMonth(at, ordinal);
  const numbers = parseDays(days);
  if (numbers === null) return null;
  if (numbers.length === 7 && ordinal === undefined) return `${at} * * *`;
  const nth = ordinal === undefined ? '' : `#${ordinal}`;
  return `${at} * * ${numbers.map((day) => `${dayNames[day]}${nth}`).join(',')}`;
}

const dayOfMonth = (at: string, ordinal: string): string | null =>
  ordinal === '1' || ordinal === 'L' ? `${at} ${ordinal} * *` : null;
