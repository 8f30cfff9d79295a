import { ClosedTimes } from './closed-times.ts';
import type { TimeRules, Timetable, When } from './contract.ts';
import { LongestGap } from './longest-gap.ts';
import { horizonMs, type Occurrences, openOccurrences } from './occurrences.ts';
import { Week } from './week.ts';
import { isPlannable, type ZoneClock, zoneClock } from './zone-clock.ts';

const minuteMs = 60_000;
/** What is looked through at once when the newest occurrences are wanted. */
const chunkMs = 28 * 86_400_000;

/**
 * The times of a schedule. What it costs is bounded, whatever the schedule and whatever is asked.
 * @throws {HoldfastError} `SCHEDULE_INVALID`; `CONFIG_INVALID` when there is no such zone.
 * @see docs/formats/policies.md, Times
 */
export function openTimetable(when: When, rules: TimeRules): Timetable {
  const clock = zoneClock(rules.zone);
  const windows = new Week(rules.windows);
  const occurrences = openOccurrences(when, clock, windows);
  const closed = new ClosedTimes(rules.blackouts, clock);
  return {
    next: (after) => occurrences.next(after),
    between: (after, until, limit) => newest(occurrences, after, until, limit),
    openFrom: (at) => closed.openFrom(at),
    windowFrom: (at) => windowFrom(clock, windows, at),
    longestGapMs: (from) => new LongestGap(occurrences, closed, clock, rules.catchUp !== false).from(from),
  };
}

function newest(occurrences: Occurrences, after: number, until: number, limit: number): readonly number[] {
  const wanted = Math.max(0, Math.trunc(limit));
  const begin = Math.max(after, until - horizonMs);
  let found: number[] = [];
  // Nothing comes more often than every minute.
  let spanMs = Math.min(chunkMs, Math.max(wanted, 60) * minuteMs);
  for (let end = until; end > begin && found.length < wanted; spanMs = Math.min(chunkMs, 2 * spanMs)) {
    const start = Math.max(begin, end - spanMs);
    const part: number[] = [];
    for (let at = occurrences.next(start); at !== null && at <= end; at = occurrences.next(at)) part.push(at);
    found = [...part, ...found];
    end = start;
  }
  return found.slice(Math.max(0, found.length - wanted));
}

function windowFrom(clock: ZoneClock, windows: Week, at: number): number | null {
  if (windows.isEmpty || !isPlannable(at)) return at;
  return clock.firstMoment(at, at + horizonMs, (wall) => windows.firstIn(wall));
}
