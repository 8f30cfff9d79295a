const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes for people, with three digits: `1.21 GiB`. */
export function bytesInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1_023.5 && unit < units.length - 1) {
    value /= 1_024;
    unit += 1;
  }
  return `${Number(value.toPrecision(value >= 100 ? Math.max(3, String(Math.round(value)).length) : 3))} ${units[unit]}`;
}

/** Bytes a second for people, given bytes a millisecond. */
export const speedInWords = (bytesPerMs: number): string => `${bytesInWords(bytesPerMs * 1_000)}/s`;

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time for people: `40 s`, `11.6 min`, `4 h`, `4.04 h`, `2 d`; exact enough to follow a sum. */
export function timeInWords(ms: number): string {
  const number = (value: number): string => String(Number(value.toPrecision(3)));
  if (ms < 90_000) return `${number(ms / 1_000)} s`;
  if (ms < 2 * hour && ms % hour !== 0) return `${number(ms / minute)} min`;
  if (ms < 2 * day || ms % day !== 0) return ms < 10 * day ? `${number(ms / hour)} h` : `${number(ms / day)} d`;
  return `${number(ms / day)} d`;
}

/** How many of something: `1 machine`, `12 machines`. */
export const numbered = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Some names, and how many more: `web-01, web-02 and 7 more`. */
export function someOf(names: readonly string[], most = 3): string {
  const more = names.length - most;
  return more > 0 ? `${names.slice(0, most).join(', ')} and ${more} more` : names.join(', ');
}
