import type { TimeWindow } from './contract.ts';

const minuteMs = 60_000;
const dayMinutes = 1_440;
const weekMinutes = 7 * dayMinutes;
const weekMs = weekMinutes * minuteMs;
/** 1970-01-04 was a Sunday. */
const firstSunday = 3 * dayMinutes * minuteMs;

interface Span {
  readonly from: number;
  readonly to: number;
}

/** Windows as parts of a week on the wall: put together, so that it does not matter how many there are. All times are wall times in milliseconds. */
export class Week {
  /** Minutes since Sunday 00:00, sorted, without overlap. */
  readonly #spans: readonly Span[];

  constructor(windows: readonly TimeWindow[]) {
    this.#spans = united(windows.flatMap(spansOf));
  }

  get isEmpty(): boolean {
    return this.#spans.length === 0;
  }

  /** Whether there is no minute outside. */
  get isWhole(): boolean {
    const [first] = this.#spans;
    return first !== undefined && first.from === 0 && first.to === weekMinutes;
  }

  has(wall: number): boolean {
    const at = minuteOf(wall);
    return this.#spans.some(({ from, to }) => from <= at && at < to);
  }

  /** The first wall time from `wall` on that is inside; `null` when nothing is. */
  firstIn(wall: number): number | null {
    if (this.isEmpty || this.has(wall)) return this.isEmpty ? null : wall;
    const at = minuteOf(wall);
    const next = this.#spans.find(({ from }) => from > at)?.from ?? (this.#spans[0]?.from ?? 0) + weekMinutes;
    return weekOf(wall) + next * minuteMs;
  }

  /** The first wall time from `wall` on that is outside; `null` when nothing is. */
  firstOut(wall: number): number | null {
    if (this.isWhole) return null;
    const at = minuteOf(wall);
    const around = this.#spans.find(({ from, to }) => from <= at && at < to);
    if (around === undefined) return wall;
    // What reaches the end of the week goes on at its beginning.
    const first = this.#spans[0];
    const goesOn = around.to === weekMinutes && first?.from === 0 ? first.to : 0;
    return weekOf(wall) + (around.to + goesOn) * minuteMs;
  }
}

const weekOf = (wall: number): number => firstSunday + Math.floor((wall - firstSunday) / weekMs) * weekMs;
const minuteOf = (wall: number): number => Math.floor((wall - weekOf(wall)) / minuteMs);

function spansOf({ days, fromMinute, toMinute }: TimeWindow): Span[] {
  const length = toMinute > fromMinute ? toMinute - fromMinute : toMinute + dayMinutes - fromMinute;
  return days.flatMap((day) => {
    const from = day * dayMinutes + fromMinute;
    const to = from + length;
    if (to <= weekMinutes) return [{ from, to }];
    return [
      { from, to: weekMinutes },
      { from: 0, to: to - weekMinutes },
    ];
  });
}

function united(spans: readonly Span[]): Span[] {
  const result: { from: number; to: number }[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = result.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else result.push({ from, to });
  }
  return result;
}
