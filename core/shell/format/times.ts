const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** A length of time for people: `84 ms`, `3.2 s`, `12 min`, `1 h 05 min`, `3 d 4 h`. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / second).toFixed(1)} s`;
  if (ms < 99.5 * second) return `${Math.round(ms / second)} s`;
  if (ms < 10 * minute) {
    const seconds = Math.round(ms / second);
    return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  }
  if (ms < hour - minute / 2) return `${Math.round(ms / minute)} min`;
  if (ms < day) {
    const minutes = Math.round(ms / minute);
    return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
  }
  const hours = Math.round(ms / hour);
  const rest = hours % 24;
  return `${Math.floor(hours / 24)} d${rest === 0 ? '' : ` ${rest} h`}`;
}

/** A moment as it is exchanged: UTC to the second, `2026-11-22T13:08:36Z`. */
export function formatMoment(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? 'no date' : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A moment as people say it: `12 min ago`, `in 3 h`. */
export function formatRelative(at: number, now: number): string {
  const distance = now - at;
  const size = Math.abs(distance);
  if (size < 10 * second) return distance >= 0 ? 'just now' : 'in a moment';
  let words: string;
  if (size < 90 * second) words = `${Math.round(size / second)} s`;
  else if (size < 90 * minute) words = `${Math.round(size / minute)} min`;
  else if (size < 36 * hour) words = `${Math.round(size / hour)} h`;
  else words = `${Math.round(size / day)} d`;
  return distance >= 0 ? `${words} ago` : `in ${words}`;
}
