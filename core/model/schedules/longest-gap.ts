import type { ClosedTimes } from './closed-times.ts';
import type { Occurrences } from './occurrences.ts';
import type { ZoneClock } from './zone-clock.ts';

const dayMs = 86_400_000;
const yearDays = 366;

/** What happens on a day, in milliseconds since its midnight. */
interface Profile {
  readonly first: number;
  readonly last: number;
  /** The longest time between two of them; `null` where there is only one. */
  readonly inner: number | null;
}

/** The longest time between two occurrences. A year is looked through by its days: those that are alike are looked through once. */
export class LongestGap {
  readonly #occurrences: Occurrences;
  readonly #closed: ClosedTimes;
  readonly #clock: ZoneClock;
  readonly #catchUp: boolean;
  readonly #profiles = new Map<number, Profile | null>();
  #last: number | null = null;
  #longest: number | null = null;

  constructor(occurrences: Occurrences, closed: ClosedTimes, clock: ZoneClock, catchUp: boolean) {
    this.#occurrences = occurrences;
    this.#closed = closed;
    this.#clock = clock;
    this.#catchUp = catchUp;
  }

  from(from: number): number | null {
    const until = from + yearDays * dayMs;
    let after = from;
    for (;;) {
      const at = this.#occurrences.next(after);
      if (at === null || at > until) return this.#longest;
      after = this.#isPlainDay(at, from, until) ? this.#byProfile(at) : this.#one(at);
    }
  }

  #one(at: number): number {
    const begins = this.#begins(at);
    if (begins !== null) this.#add(begins);
    return at;
  }

  /** When an occurrence really begins; `null` when a blackout swallows it. */
  #begins(at: number): number | null {
    const open = this.#closed.openWeeklyFrom(at);
    return open === at || (this.#catchUp && Number.isFinite(open)) ? open : null;
  }

  #add(at: number): void {
    if (this.#last !== null) this.#longest = Math.max(this.#longest ?? 0, at - this.#last);
    this.#last = at;
  }

  /** Whether it is the first of a day that is like all others of its weekday, and the next one too: a blackout may reach into that. */
  #isPlainDay(at: number, from: number, until: number): boolean {
    if (!this.#occurrences.isDaily) return false;
    const midnight = this.#midnightBefore(at);
    const { offsetMs } = this.#clock.stretchAt(midnight);
    // There are days that begin at one o'clock, because the hour before is left out.
    if (this.#clock.wallAt(midnight) % dayMs !== 0) return false;
    const isEven = [1, 2].every((days) => this.#clock.stretchAt(midnight + days * dayMs).offsetMs === offsetMs);
    const isFirst = (this.#occurrences.next(midnight - 1) ?? at) === at;
    return isEven && isFirst && midnight > from && midnight + dayMs <= until;
  }

  #byProfile(at: number): number {
    const midnight = this.#midnightBefore(at);
    const weekday = Math.floor(this.#clock.wallAt(midnight) / dayMs) % 7;
    let profile = this.#profiles.get(weekday);
    if (profile === undefined) {
      profile = this.#lookThrough(midnight);
      this.#profiles.set(weekday, profile);
    }
    if (profile !== null) {
      this.#add(midnight + profile.first);
      if (profile.inner !== null) this.#longest = Math.max(this.#longest ?? 0, profile.inner);
      this.#last = midnight + profile.last;
    }
    return midnight + dayMs - 1;
  }

  #lookThrough(midnight: number): Profile | null {
    const times: number[] = [];
    for (let at = this.#occurrences.next(midnight - 1); at !== null && at < midnight + dayMs; ) {
      const begins = this.#begins(at);
      if (begins !== null) times.push(begins - midnight);
      at = this.#occurrences.next(at);
    }
    const [first] = times;
    if (first === undefined) return null;
    const between = times.slice(1).map((time, index) => time - (times[index] ?? time));
    return { first, last: times.at(-1) ?? first, inner: between.length === 0 ? null : Math.max(...between) };
  }

  #midnightBefore(at: number): number {
    return this.#clock.momentOf(Math.floor(this.#clock.wallAt(at) / dayMs) * dayMs);
  }
}
