import { isHoldfastError } from '@holdfast/api';
import type { DatedPoint } from '../../../../model/retention/decide.ts';
import { countOf, isLimited, type KeepCounts, type PeriodRule, periodRules } from '../../../../model/retention/keep.ts';
import { simulateRetention } from '../../../../model/retention/simulate.ts';
import type { Blackout, TimeWindow } from '../../../../model/schedules/contract.ts';
import { openTimetable } from '../../../../model/schedules/timetable.ts';
import { parseWhen } from '../../../../model/schedules/when.ts';
import { parseWindow } from '../../../../model/schedules/window.ts';
import type { Fields } from '../reading.ts';

const hourMs = 3_600_000;
const dayMs = 86_400_000;
const yearMs = 366 * dayMs;
/** So many takings are played at most: it is done while somebody types. */
const mostTakings = 1_500;

/** The times of a schedule as it is typed. */
export type Foreseen =
  | { readonly kind: 'asked' }
  | { readonly kind: 'wrong'; readonly why: string }
  | {
      readonly kind: 'known';
      /** The next three, epoch milliseconds. */
      readonly next: readonly number[];
      /** How far apart they are on average over the coming weeks, in milliseconds; `null` when there are fewer than two. */
      readonly everyMs: number | null;
    };

/** What a schedule and its windows mean. Never throws: what is not understood is told. */
export function foresee(
  when: string,
  windows: readonly string[],
  rules: { readonly zone: string; readonly blackouts: readonly Fields[]; readonly now: number },
): Foreseen {
  if (when.trim() === '') return { kind: 'asked' };
  try {
    const open: readonly TimeWindow[] = windows.map(parseWindow);
    const blackouts = rules.blackouts as unknown as readonly Blackout[];
    const table = openTimetable(parseWhen(when), { zone: rules.zone, windows: open, blackouts });
    const next: number[] = [];
    for (let at = table.next(rules.now); at !== null && next.length < 3; at = table.next(at)) next.push(at);
    if (next.length === 0) return { kind: 'wrong', why: 'it never runs in the next four years' };
    return { kind: 'known', next, everyMs: apart(table, rules.now) };
  } catch (problem) {
    if (!isHoldfastError(problem)) throw problem;
    return { kind: 'wrong', why: problem.message };
  }
}

/** Average distance over enough time to have some of them: four weeks, or a year where they are rare. */
function apart(table: { next(after: number): number | null }, now: number): number | null {
  const first = table.next(now);
  if (first === null) return null;
  let last = first;
  let count = 0;
  for (let at = table.next(last); at !== null && at - first <= yearMs && count < 1_000; at = table.next(at)) {
    last = at;
    count += 1;
    if (last - first >= 28 * dayMs && count >= 8) break;
  }
  return count === 0 ? null : (last - first) / count;
}

const periodMs: Readonly<Record<PeriodRule, number>> = {
  hourly: hourMs,
  daily: dayMs,
  weekly: 7 * dayMs,
  monthly: 31 * dayMs,
  yearly: yearMs,
};

/** Points that there are of one machine once the rules have filled up. */
export interface LedTo {
  readonly points: number;
  /** Set when not every taking was played. */
  readonly isAbout: boolean;
}

/** Plays a schedule under retention; `null` where everything is kept. */
export function pointsLedTo(keep: KeepCounts, everyMs: number, zone: string, now: number): LedTo | null {
  if (!isLimited(keep) || !(everyMs > 0)) return null;
  const longest = periodRules.reduce(
    (most, rule) => Math.max(most, countOf(keep, rule) * periodMs[rule]),
    countOf(keep, 'last') * everyMs,
  );
  const spanMs = longest * 1.1 + 2 * everyMs;
  const isShort = spanMs / everyMs <= mostTakings;
  const from = isShort ? now - spanMs : now - everyMs;
  const existing = isShort ? [] : keptLongAgo(keep, everyMs, now);
  const { counts } = simulateRetention({ keep, everyMs, from, until: now, existing, zone });
  // Of very many newest ones not all are played.
  return { points: Math.max(counts.at(-1)?.points ?? 0, isShort ? 0 : countOf(keep, 'last')), isAbout: !isShort };
}

/** Takings that rules can have kept by now: the newest ones, and the last before the end of each period, whatever the time zone. */
function keptLongAgo(keep: KeepCounts, everyMs: number, now: number): readonly DatedPoint[] {
  const recent = Math.max(countOf(keep, 'last'), Math.ceil((countOf(keep, 'hourly') * hourMs) / everyMs), 2);
  const back = new Set(Array.from({ length: Math.min(recent, mostTakings) + 1 }, (_, index) => index + 1));
  for (const end of periodEnds(keep, now)) {
    for (const aside of [-15 * hourMs, -1, 15 * hourMs]) back.add(Math.ceil((now - end - aside) / everyMs));
  }
  return [...back]
    .filter((index) => index > 1)
    .map((index) => ({ point: String(index), takenAt: now - index * everyMs }));
}

function periodEnds(keep: KeepCounts, now: number): readonly number[] {
  const date = new Date(now);
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const ends = (rule: PeriodRule, end: (index: number) => number): readonly number[] =>
    Array.from({ length: Math.min(countOf(keep, rule), 1_000) + 1 }, (_, index) => end(index));
  return [
    ...ends('daily', (index) => Date.UTC(year, month, day - index)),
    ...ends('weekly', (index) => Date.UTC(year, month, day - ((date.getUTCDay() + 6) % 7) - 7 * index)),
    ...ends('monthly', (index) => Date.UTC(year, month - index, 1)),
    ...ends('yearly', (index) => Date.UTC(year - index, 0, 1)),
  ];
}

/** Reads `daily=14,weekly=8`; `null` while it is none. */
export function keepCounts(text: string): KeepCounts | null {
  const said = text.trim();
  if (said === 'everything') return {};
  const counts: Record<string, number> = {};
  for (const part of said.split(/[,\s]+/)) {
    const [, rule = '', count = ''] = /^(last|hourly|daily|weekly|monthly|yearly)=(\d{1,6})$/.exec(part) ?? [];
    if (rule === '') return null;
    counts[rule] = Number(count);
  }
  return counts;
}

/** In a time zone: `Sun 02:00` of the coming days, `Sun 29 Nov 02:00` of later ones. */
export function momentIn(zone: string, at: number, now: number): string {
  const isSoon = at - now < 6 * dayMs;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    ...(isSoon ? {} : { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return format.format(at).replaceAll(',', '');
}
