import type { Blackout } from './contract.ts';
import { horizonMs } from './occurrences.ts';
import { Week } from './week.ts';
import { isPlannable, type ZoneClock } from './zone-clock.ts';

/** Blackouts, put together: how many there are hardly matters. */
export class ClosedTimes {
  readonly #clock: ZoneClock;
  /** Sorted, without overlap. */
  readonly #once: readonly { readonly from: number; readonly to: number }[];
  readonly #weekly: Week;

  constructor(blackouts: readonly Blackout[], clock: ZoneClock) {
    this.#clock = clock;
    this.#weekly = new Week(blackouts.flatMap((blackout) => (blackout.kind === 'weekly' ? [blackout.window] : [])));
    const once: { from: number; to: number }[] = [];
    const sorted = blackouts.flatMap((blackout) => (blackout.kind === 'once' ? [blackout] : []));
    for (const { from, to } of sorted.sort((a, b) => a.from - b.from)) {
      const last = once.at(-1);
      if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
      else if (from < to) once.push({ from, to });
    }
    this.#once = once;
  }

  get hasWeekly(): boolean {
    return !this.#weekly.isEmpty;
  }

  /** The first moment from `at` on outside of all; infinite when there is none. */
  openFrom(at: number): number {
    let open = at;
    // Each round leaves a blackout that comes once behind, so that there are at most as many.
    for (const { from, to } of this.#once) {
      open = this.openWeeklyFrom(open);
      if (open < from) return open;
      if (open < to) open = to;
    }
    return this.openWeeklyFrom(open);
  }

  /** The same for those that come every week. */
  openWeeklyFrom(at: number): number {
    if (this.#weekly.isEmpty || !isPlannable(at)) return at;
    // Every week has a moment outside, unless none has.
    return (
      this.#clock.firstMoment(at, at + horizonMs, (wall) => this.#weekly.firstOut(wall)) ?? Number.POSITIVE_INFINITY
    );
  }
}
