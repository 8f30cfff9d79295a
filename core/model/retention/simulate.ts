import { HoldfastError } from '@holdfast/api';
import { calendarOf, type Periods, systemZone } from './calendar.ts';
import { applyRules, type DatedPoint } from './decide.ts';
import { isLimited, type KeepCounts } from './keep.ts';

/** What to simulate. Times are epoch milliseconds. */
export interface SimulationWish {
  readonly keep: KeepCounts;
  /** A restore point is taken at `from` and then each time that this has passed, `until` included. */
  readonly everyMs: number;
  readonly from: number;
  readonly until: number;
  /** Points that are there already, taken before `from`; later ones are left out. */
  readonly existing?: readonly DatedPoint[];
  /** IANA time zone of the calendar. Default is that of this machine. */
  readonly zone?: string;
}

/** A point that was there for a time. */
export interface SimulatedPoint {
  readonly takenAt: number;
  /** When retention let it go; `null` when it is there at the end. */
  readonly expiredAt: number | null;
}

/** What would have been there. */
export interface Simulation {
  /** Every point that ever was, oldest first. */
  readonly points: readonly SimulatedPoint[];
  /** How many there are after each taking. */
  readonly counts: readonly { readonly at: number; readonly points: number }[];
  /** The most that there are at once, just before retention is applied included. */
  readonly most: number;
}

/** Takings that are simulated at most: ten years of one every half hour. */
const mostTakings = 175_320;

interface Living extends DatedPoint {
  readonly periods: Periods;
  readonly index: number;
}

/** Plays a schedule under retention rules, as if each run succeeded. Same input, same answer. */
export function simulateRetention(wish: SimulationWish): Simulation {
  const takings = Math.floor((wish.until - wish.from) / wish.everyMs) + 1;
  if (!(wish.everyMs > 0) || !(takings <= mostTakings))
    throw new HoldfastError('USAGE', `a simulation can have ${mostTakings} restore points at most`, {
      remedy: 'simulate a shorter time, or points that are further apart',
    });
  const periodsAt = calendarOf(wish.zone ?? systemZone());
  const expiredAt: (number | null)[] = [];
  const takenAt: number[] = [];
  const born = (at: number): Living => {
    takenAt.push(at);
    return { point: String(takenAt.length), takenAt: at, periods: periodsAt(at), index: expiredAt.push(null) - 1 };
  };
  // Oldest first.
  let living = (wish.existing ?? [])
    .map((point) => point.takenAt)
    .filter((at) => at < wish.from)
    .sort((a, b) => a - b)
    .map(born);
  let most = living.length;
  const counts: { at: number; points: number }[] = [];
  for (let taking = 0; taking < takings; taking += 1) {
    const at = wish.from + taking * wish.everyMs;
    living.push(born(at));
    most = Math.max(most, living.length);
    if (isLimited(wish.keep)) {
      const newestFirst = living.toReversed();
      const hits = applyRules(
        newestFirst.map(({ periods }) => periods),
        wish.keep,
      );
      for (const [index, point] of newestFirst.entries()) if (hits[index]?.length === 0) expiredAt[point.index] = at;
      living = living.filter(({ index }) => expiredAt[index] === null);
    }
    counts.push({ at, points: living.length });
  }
  const points = takenAt.map((at, index) => ({ takenAt: at, expiredAt: expiredAt[index] ?? null }));
  return { points, counts, most };
}

/** The points that are there at a moment, oldest first. */
export function pointsAt(simulation: Simulation, at: number): readonly SimulatedPoint[] {
  return simulation.points.filter(({ takenAt, expiredAt }) => takenAt <= at && (expiredAt === null || expiredAt > at));
}
