import { calendarOf, type Periods, systemZone } from './calendar.ts';
import { countOf, isLimited, type KeepCounts, type KeepRule, periodRules } from './keep.ts';

/** What retention needs to know of a restore point. */
export interface DatedPoint {
  readonly point: string;
  /** Epoch milliseconds of the state that it holds. */
  readonly takenAt: number;
}

/** A restore point that stays, and why. */
export interface KeptPoint<P> {
  readonly point: P;
  readonly rules: readonly KeepRule[];
  /** The same for people: `daily 3 of 7: 2026-10-25`. */
  readonly why: readonly string[];
}

/** What stays and what may go, each newest first. */
export interface RetentionDecision<P> {
  readonly keep: readonly KeptPoint<P>[];
  readonly expire: readonly P[];
}

/** The first moment that a date can hold. */
const earliest = -8.64e15;

const newestFirst = (a: DatedPoint, b: DatedPoint): number =>
  b.takenAt - a.takenAt || (a.point < b.point ? 1 : a.point > b.point ? -1 : 0);

/** A rule that keeps a point: it is the `rank`th of `count`, because it stands for `period`. */
export interface RuleHit {
  readonly rule: KeepRule;
  readonly rank: number;
  readonly count: number;
  readonly period: string | null;
}

/** The rules that keep each point of a list, newest first, given the periods that each lies in. */
export function applyRules(periods: readonly Periods[], keep: KeepCounts): readonly (readonly RuleHit[])[] {
  const found = periods.map((): RuleHit[] => []);
  found[0]?.push({ rule: 'newest', rank: 1, count: 1, period: null });
  const last = countOf(keep, 'last');
  for (const [index, hits] of found.slice(0, last).entries())
    hits.push({ rule: 'last', rank: index + 1, count: last, period: null });
  for (const rule of periodRules) {
    const count = countOf(keep, rule);
    let rank = 0;
    let before: string | null = null;
    for (const [index, { [rule]: period }] of periods.entries()) {
      if (rank === count) break;
      if (period === before) continue;
      before = period;
      rank += 1;
      found[index]?.push({ rule, rank, count, period });
    }
  }
  return found;
}

const explain = ({ rule, rank, count, period }: RuleHit): string => {
  if (rule === 'newest') return 'newest';
  return `${rule} ${rank} of ${count}${period === null ? '' : `: ${period}`}`;
};

/**
 * Decides which restore points of one machine on one target stay. Each calendar rule keeps the newest point of each of the newest periods
 * that have one, so a machine that is no longer protected loses nothing more as time goes by. The newest point is never expired, and no
 * point that was once expired is kept again because newer ones have come.
 * @param now Epoch milliseconds; points that claim to be later are kept and not counted.
 * @param zone IANA time zone of the calendar. Default is that of this machine.
 * @throws {HoldfastError} `CONFIG_INVALID` when there is no such zone.
 */
export function decideRetention<P extends DatedPoint>(
  points: readonly P[],
  keep: KeepCounts,
  now: number,
  zone: string = systemZone(),
): RetentionDecision<P> {
  // Times that cannot be compared are set apart before anything is sorted by time.
  const isDatable = ({ takenAt }: P): boolean => takenAt <= now && takenAt >= earliest;
  const past = points.filter(isDatable).sort(newestFirst);
  const future = points.filter((point) => !isDatable(point));
  const all = (rule: KeepRule, why: string) => (point: P) => ({ point, rules: [rule], why: [why] });
  if (!isLimited(keep)) return { keep: [...future, ...past].map(all('everything', 'everything is kept')), expire: [] };
  const kept: KeptPoint<P>[] = future.map(all('future', 'its time has not come yet'));
  const expire: P[] = [];
  const periodsAt = calendarOf(zone);
  const found = applyRules(
    past.map((point) => periodsAt(point.takenAt)),
    keep,
  );
  for (const [index, point] of past.entries()) {
    const rules = found[index] ?? [];
    if (rules.length === 0) expire.push(point);
    else kept.push({ point, rules: rules.map(({ rule }) => rule), why: rules.map(explain) });
  }
  return { keep: kept, expire };
}
