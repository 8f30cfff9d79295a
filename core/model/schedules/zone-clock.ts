import { HoldfastError } from '@holdfast/api';

/** A stretch of time in which the clocks of a zone are not changed. In epoch milliseconds; `to` does not belong to it. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** What is added to UTC to get what the clocks show. */
  readonly offsetMs: number;
}

const dayMs = 86_400_000;
/** Stretches are looked up and remembered in blocks of so many days. */
const blockDays = 28;
const blockMs = blockDays * dayMs;
/** Outside of these years nobody plans anything: 1970 to 9000. */
const earliest = 0;
const latest = Date.UTC(9000, 0, 1);

/** Whether a moment is one that schedules can be asked about. */
export const isPlannable = (at: number): boolean => at >= earliest && at < latest;

const known = new Map<string, ZoneClock>();

/** The clock of a zone. @throws {HoldfastError} `CONFIG_INVALID` when there is no such zone. */
export function zoneClock(zone: string): ZoneClock {
  const clock = known.get(zone) ?? new ZoneClock(zone);
  known.set(zone, clock);
  return clock;
}

/**
 * What the clocks of a time zone show. Wall times are milliseconds, counted as if the zone were UTC, so that a day always has 24 hours: some wall times
 * then never come, and some come twice.
 */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  readonly #blocks = new Map<number, readonly Stretch[]>();

  constructor(zone: string) {
    try {
      this.#format = new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
        timeZone: zone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch (cause) {
      throw new HoldfastError('CONFIG_INVALID', `there is no time zone ${JSON.stringify(zone)}`, {
        remedy: 'give a zone by its IANA name, for example Europe/London',
        cause,
      });
    }
  }

  /** The stretch that a moment lies in. One that is longer than a few weeks comes in pieces, that overlap. */
  stretchAt(at: number): Stretch {
    const found = this.#block(Math.floor(at / blockMs)).find(({ to }) => at < to);
    if (found === undefined) throw new RangeError(`${at} is no moment`);
    return found;
  }

  /** The stretch before one. */
  before({ from }: Stretch): Stretch {
    return this.stretchAt(from - 1);
  }

  wallAt(at: number): number {
    return at + this.stretchAt(at).offsetMs;
  }

  /** The first moment at which the clocks show a wall time, or more where it is left out. */
  momentOf(wall: number): number {
    // No zone is more than a day off UTC.
    return this.momentFrom(wall - 2 * dayMs, wall);
  }

  /** The same, from a moment on: the first at which the clocks show so much or more. */
  momentFrom(from: number, wall: number): number {
    let stretch = this.stretchAt(from);
    while (wall >= stretch.to + stretch.offsetMs) stretch = this.stretchAt(stretch.to);
    return Math.max(from, stretch.from, wall - stretch.offsetMs);
  }

  /**
   * The first moment, from one on, that the clocks show as a wall time that is looked for; `null` when none comes until then. Each stretch is looked at by
   * itself: when clocks are set back, what comes again may come sooner than what is next on the wall.
   * @param firstFrom The first such wall time from one on; `null` when there is none at all.
   */
  firstMoment(from: number, until: number, firstFrom: (wall: number) => number | null): number | null {
    for (let at = from; at <= until; ) {
      const { to, offsetMs } = this.stretchAt(at);
      const wall = firstFrom(at + offsetMs);
      if (wall === null) return null;
      if (wall < to + offsetMs) return wall - offsetMs;
      at = to;
    }
    return null;
  }

  #block(index: number): readonly Stretch[] {
    const remembered = this.#blocks.get(index);
    if (remembered !== undefined) return remembered;
    const stretches: { from: number; to: number; offsetMs: number }[] = [];
    const begin = index * blockMs;
    const offset = this.#offset(begin);
    // A piece reaches a day back, so that what was before a change of clocks is before the piece that follows the change.
    const isLonger = this.#offset(begin - dayMs) === offset;
    const from = isLonger ? begin - dayMs : this.#changeBetween(begin - dayMs, begin, offset);
    let last = { from, to: begin, offsetMs: offset };
    for (let day = 1; day <= blockDays; day += 1) {
      const at = begin + day * dayMs;
      const offsetMs = this.#offset(day === blockDays ? at - 1 : at);
      if (offsetMs !== last.offsetMs) {
        const change = this.#changeBetween(at - dayMs, at, offsetMs);
        stretches.push({ ...last, to: change });
        last = { from: change, to: at, offsetMs };
      }
      last = { ...last, to: at };
    }
    stretches.push(last);
    // A process that stays must not remember ever more.
    if (this.#blocks.size > 1_000) this.#blocks.clear();
    this.#blocks.set(index, stretches);
    return stretches;
  }

  /** The moment from which on the offset is the new one, to the second. */
  #changeBetween(from: number, to: number, offsetMs: number): number {
    let [low, high] = [from, to];
    while (high - low > 1_000) {
      const middle = low + Math.floor((high - low) / 2_000) * 1_000;
      if (this.#offset(middle) === offsetMs) high = middle;
      else low = middle;
    }
    return high;
  }

  #offset(at: number): number {
    const second = Math.floor(at / 1_000) * 1_000;
    const shown: Record<string, number> = {};
    for (const { type, value } of this.#format.formatToParts(second)) shown[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = shown;
    return Date.UTC(year, month - 1, day, hour, minute, shown.second ?? 0) - second;
  }
}
