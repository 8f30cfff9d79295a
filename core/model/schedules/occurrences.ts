import type { When } from './contract.ts';
import { type CronParts, openCron } from './cron.ts';
import type { Week } from './week.ts';
import { isPlannable, type Stretch, type ZoneClock } from './zone-clock.ts';

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** How far ahead is looked: four years and the day that a leap year has more. */
export const horizonMs = 1_462 * dayMs;

/** When a schedule fires, in epoch milliseconds. */
export interface Occurrences {
  /** The first one after a moment, if it comes within four years. */
  next(after: number): number | null;
  /** Whether days without a change of clocks are alike but for their weekday, on those on which it fires at all. */
  readonly isDaily: boolean;
}

/** Occurrences of a schedule, in its zone and inside of its windows. */
export function openOccurrences(when: When, clock: ZoneClock, windows: Week): Occurrences {
  if (when.kind === 'asked') return { next: () => null, isDaily: false };
  if (when.kind === 'calendar') return new CalendarOccurrences(openCron(when.cron), clock, windows);
  return new PacedOccurrences(when.everyMs, clock, windows);
}

/** What is written as wall times: some of them are left out when clocks are set forward, some come twice when they are set back. */
class CalendarOccurrences implements Occurrences {
  readonly isDaily = true;
  readonly #cron: CronParts;
  readonly #clock: ZoneClock;
  /** Minutes at which it fires inside of the windows, by weekday. */
  readonly #minutes: readonly (readonly number[])[];

  constructor(cron: CronParts, clock: ZoneClock, windows: Week) {
    this.#cron = cron;
    this.#clock = clock;
    // 1970-01-04 was a Sunday.
    this.#minutes = [3, 4, 5, 6, 7, 8, 9].map((day) =>
      windows.isEmpty ? cron.minutes : cron.minutes.filter((minute) => windows.has(day * dayMs + minute * minuteMs)),
    );
  }

  next(after: number): number | null {
    if (!isPlannable(after)) return null;
    const until = after + horizonMs;
    const first = this.#clock.stretchAt(after + 1);
    for (let stretch = first, before = this.#clock.before(first); ; ) {
      const found = this.#nextIn(stretch, before, after);
      if (found.at !== null) return found.at <= until ? found.at : null;
      // Nothing to find on the days up to there.
      const from = Math.max(stretch.to, Math.min(found.notBefore, until + 1));
      if (from > until || !isPlannable(from)) return null;
      stretch = this.#clock.stretchAt(from);
      before = this.#clock.before(stretch);
    }
  }

  /** The first in a stretch; else a moment before which there is none. */
  #nextIn(
    stretch: Stretch,
    before: Stretch,
    after: number,
  ): { readonly at: number | null; readonly notBefore: number } {
    const begin = stretch.from + stretch.offsetMs;
    const end = stretch.to + stretch.offsetMs;
    const shown = stretch.from + before.offsetMs;
    // Times that were left out run once, at the moment at which the clocks were set forward.
    if (shown < begin && stretch.from > after && (this.#firstWall(shown, begin) ?? begin) < begin)
      return { at: stretch.from, notBefore: stretch.from };
    // Times that come again have run; only what keeps its pace goes on.
    const from = this.#cron.keepsPace ? begin : Math.max(begin, shown);
    const least = Math.max(from, after + 1 + stretch.offsetMs);
    const limit = after + horizonMs + 2 * dayMs;
    const wall = this.#firstWall(least, limit);
    if (wall !== null && wall < end) return { at: wall - stretch.offsetMs, notBefore: 0 };
    // Where the clocks are set back at the end of the stretch, what was left behind in it may come again.
    const next = least > end - dayMs ? this.#firstWall(end - dayMs, limit) : wall;
    return { at: null, notBefore: next === null ? Number.POSITIVE_INFINITY : next - 3 * dayMs };
  }

  /** The first wall time from `from` on, if there is one on the days before `limit`. */
  #firstWall(from: number, limit: number): number | null {
    let day = Math.floor(from / dayMs);
    for (;;) {
      const next = this.#cron.dayFrom(day);
      if (next === null || next * dayMs >= limit) return null;
      const minutes = this.#minutes[(next + 4) % 7] ?? [];
      const least = next * dayMs >= from ? 0 : Math.ceil((from - next * dayMs) / minuteMs);
      const minute = firstFrom(minutes, least);
      if (minute !== null) return next * dayMs + minute * minuteMs;
      day = next + 1;
    }
  }
}

/** The first of sorted numbers that is not less. */
function firstFrom(sorted: readonly number[], least: number): number | null {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return sorted[low] ?? null;
}

/** Days after which what is longer than a day and no whole number of days begins anew. */
const roundDays = 28;
/** 1970-01-05, a Monday, in days. */
const firstMonday = 4;

/**
 * Every so often. Whole days: at midnight. Less than a day: in time that passes since the midnight before, whatever the clocks show, and anew at each
 * midnight, so that two are never further apart than it says. Anything else: the same, anew every four weeks. The days are counted from a Monday.
 */
class PacedOccurrences implements Occurrences {
  readonly isDaily: boolean;
  readonly #everyMs: number;
  readonly #clock: ZoneClock;
  readonly #windows: Week;
  /** Days from one beginning to the next. */
  readonly #round: number;

  constructor(everyMs: number, clock: ZoneClock, windows: Week) {
    this.#everyMs = everyMs;
    this.#clock = clock;
    this.#windows = windows;
    const isWholeDays = everyMs % dayMs === 0;
    this.#round = isWholeDays ? everyMs / dayMs : everyMs < dayMs ? 1 : roundDays;
    this.isDaily = this.#round === 1;
  }

  next(after: number): number | null {
    const until = after + horizonMs;
    let least = after + 1;
    while (isPlannable(least) && least <= until) {
      const at = this.#gridFrom(least);
      if (at > until) return null;
      if (this.#windows.isEmpty) return at;
      const opens = this.#clock.firstMoment(at, until, (wall) => this.#windows.firstIn(wall));
      if (opens === null || opens === at) return opens;
      least = opens;
    }
    return null;
  }

  /** The first from a moment on, windows left out of account. */
  #gridFrom(least: number): number {
    const day = Math.floor(this.#clock.wallAt(least) / dayMs);
    let start = firstMonday + Math.floor((day - firstMonday) / this.#round) * this.#round;
    // Where midnight comes twice the day before seems to go on.
    for (; ; start += this.#round) {
      const [from, to] = [this.#midnight(start), this.#midnight(start + this.#round)];
      if (to <= least) continue;
      // Whole days are days of the calendar, of 23 or 25 hours too.
      if (this.#round * dayMs === this.#everyMs) return from >= least ? from : to;
      const at = from + Math.max(0, Math.ceil((least - from) / this.#everyMs)) * this.#everyMs;
      return at < to ? at : to;
    }
  }

  #midnight(day: number): number {
    return this.#clock.momentOf(day * dayMs);
  }
}
