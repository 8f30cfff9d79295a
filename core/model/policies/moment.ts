import { HoldfastError } from '@holdfast/api';

const formats = new Map<string, Intl.DateTimeFormat>();

/** How far the clocks of a zone are ahead of UTC at a moment, in milliseconds. */
function offsetAt(zone: string, at: number): number {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1_000) * 1_000;
}

/** Whether there is a time zone of this IANA name. */
export function isZone(zone: string): boolean {
  if (zone.length > 64) return false;
  try {
    offsetAt(zone, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Reads `2026-12-24 18:00` or `2026-12-24` (midnight) on the clock of a zone, as epoch milliseconds; with `Z` behind it in UTC. Of an hour that
 * comes twice it is the first; in an hour that is left out, it is the moment at which the clocks are set forward. `null` when it is no such time.
 * @throws {HoldfastError} `CONFIG_INVALID` when there is no such zone.
 */
export function parseMoment(text: string, zone: string): number | null {
  if (!isZone(zone)) throw new HoldfastError('CONFIG_INVALID', `there is no time zone ${JSON.stringify(zone)}`);
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(Z)?)?$/.exec(text.trim());
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const read = new Date(wall);
  const isReal =
    read.getUTCMonth() === month - 1 && read.getUTCDate() === day && hour < 24 && minute < 60 && second < 60;
  if (year < 1970 || !isReal) return null;
  if (match[7] === 'Z') return wall;
  // The zone's offset a day before and a day after are the only ones that can hold.
  const offsets = [...new Set([offsetAt(zone, wall - 86_400_000), offsetAt(zone, wall + 86_400_000)])];
  const found = offsets.map((offset) => wall - offset).filter((at) => at + offsetAt(zone, at) === wall);
  if (found.length > 0) return Math.min(...found);
  const [before = 0] = offsets;
  return gapEnd(zone, wall - before);
}

/** The moment within a day around `near` at which the clocks of a zone are set forward. */
function gapEnd(zone: string, near: number): number {
  let low = near - 86_400_000;
  let high = near + 86_400_000;
  const before = offsetAt(zone, low);
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2_000) * 1_000;
    if (offsetAt(zone, middle) === before) low = middle;
    else high = middle;
  }
  return high;
}
