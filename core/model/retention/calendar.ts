import { HoldfastError } from '@holdfast/api';
import type { PeriodRule } from './keep.ts';

/** The calendar periods that a moment lies in, as names: equal names are the same period. */
export type Periods = Readonly<Record<PeriodRule, string>>;

/** The time zone of this machine, as IANA names it. */
export const systemZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

const pad = (value: number, length = 2): string => String(value).padStart(length, '0');
const dayMs = 86_400_000;

/** The ISO 8601 week of a calendar day: it belongs to the year that has its Thursday. */
function weekName(year: number, month: number, day: number): string {
  const midnight = Date.UTC(year, month - 1, day);
  const weekday = (new Date(midnight).getUTCDay() + 6) % 7;
  const thursday = new Date(midnight + (3 - weekday) * dayMs);
  const weekYear = thursday.getUTCFullYear();
  const week = 1 + Math.floor((thursday.getTime() - Date.UTC(weekYear, 0, 1)) / (7 * dayMs));
  return `${pad(weekYear, 4)}-W${pad(week)}`;
}

/**
 * Reads moments on the wall clock of a time zone. An hour that comes twice when clocks are set back is two hours.
 * @param zone IANA name, for example `Europe/London`.
 * @throws {HoldfastError} `CONFIG_INVALID` when there is no such zone.
 */
export function calendarOf(zone: string): (at: number) => Periods {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      timeZoneName: 'longOffset',
    });
  } catch (cause) {
    throw new HoldfastError('CONFIG_INVALID', `there is no time zone ${JSON.stringify(zone)}`, {
      remedy: 'give a zone by its IANA name, for example Europe/London',
      cause,
    });
  }
  return (at) => {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const [year, month, day, hour] = [Number(parts.year), Number(parts.month), Number(parts.day), Number(parts.hour)];
    const monthly = `${pad(year, 4)}-${pad(month)}`;
    const daily = `${monthly}-${pad(day)}`;
    return {
      hourly: `${daily} ${pad(hour)}h ${parts.timeZoneName ?? ''}`,
      daily,
      weekly: weekName(year, month, day),
      monthly,
      yearly: pad(year, 4),
    };
  };
}
