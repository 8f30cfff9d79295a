import type { Periods } from '../retention/calendar.ts';
import { calendarOf } from '../retention/calendar.ts';
import {
  applyRules,
  type DatedPoint,
  decideRetention,
  type KeptPoint,
  type RetentionDecision,
} from '../retention/decide.ts';
import { isLimited, type KeepCounts, periodRules } from '../retention/keep.ts';
import type { PolicySet, Selectable } from './contract.ts';
import { selects } from './select.ts';

/** A rule that holds for the restore points of a machine on a target, and whose it is. */
export interface RetentionRule {
  /** `policy gold` or `the configuration`. */
  readonly by: string;
  readonly keep: KeepCounts;
}

/**
 * The rules that hold for a machine's restore points on a target: those of all policies that protect it, paused ones too, and name the target;
 * where there is none, the configuration's. No rule at all keeps everything.
 * @param set `null` when no policies are in force.
 * @param machine `null` when nothing is known of it any more: where a policy names the target nobody can say whether it meant this machine, so no rule holds.
 * @param by Name of the policy whose run asks: its rule holds even if the machine was renamed since the run was planned, and is not selected any more.
 */
export function rulesFor(
  set: PolicySet | null,
  configured: Readonly<Record<string, KeepCounts>>,
  machine: Selectable | null,
  target: string,
  by: string | null = null,
): readonly RetentionRule[] {
  const naming = (set?.policies ?? []).flatMap((policy) => {
    const own = Object.hasOwn(policy.keep, target) ? policy.keep[target] : undefined;
    return own === undefined ? [] : [{ policy, keep: own }];
  });
  const rules = naming
    .filter(({ policy }) => policy.name === by || (machine !== null && selects(policy.protect, machine)))
    .map(({ policy, keep }) => ({ by: `policy ${policy.name}`, keep }));
  if (rules.length > 0) return rules;
  if (machine === null && naming.length > 0) return [];
  const own = Object.hasOwn(configured, target) ? configured[target] : undefined;
  return own === undefined ? [] : [{ by: 'the configuration', keep: own }];
}

/** Rules in words: `daily 14, weekly 8 (policy gold)`. */
export function rulesInWords(rules: readonly RetentionRule[]): string {
  if (rules.length === 0) return 'everything (no rule)';
  return rules.map(({ by, keep }) => `${keepInWords(keep)} (${by})`).join(' and ');
}

/** Counts in words: `daily 14, weekly 8`; `everything` where nothing is limited. */
export function keepInWords(keep: KeepCounts): string {
  if (!isLimited(keep)) return 'everything';
  return (['last', ...periodRules] as const)
    .flatMap((rule) => ((keep[rule] ?? 0) > 0 ? [`${rule} ${keep[rule]}`] : []))
    .join(', ');
}

/** Decides by several rules at once: a point stays when any of them keeps it. As `decideRetention` for one. */
export function decideByRules<P extends DatedPoint>(
  points: readonly P[],
  rules: readonly RetentionRule[],
  now: number,
  zone: string,
): RetentionDecision<P> {
  const [first, ...more] = rules;
  if (first === undefined) return decideRetention(points, {}, now, zone);
  let decided = decideRetention(points, first.keep, now, zone);
  for (const { keep } of more) {
    const other = decideRetention(points, keep, now, zone);
    const kept = new Map<P, KeptPoint<P>>(decided.keep.map((one) => [one.point, one]));
    for (const one of other.keep) {
      const before = kept.get(one.point);
      kept.set(one.point, before === undefined ? one : both(before, one));
    }
    decided = {
      keep: points.flatMap((point) => kept.get(point) ?? []).toSorted(newestFirst),
      expire: decided.expire.filter((point) => !kept.has(point)),
    };
  }
  return decided;
}

const newestFirst = <P extends DatedPoint>(a: KeptPoint<P>, b: KeptPoint<P>): number =>
  b.point.takenAt - a.point.takenAt;

const both = <P>(one: KeptPoint<P>, other: KeptPoint<P>): KeptPoint<P> => ({
  point: one.point,
  rules: [...new Set([...one.rules, ...other.rules])],
  why: [...new Set([...one.why, ...other.why])],
});

/**
 * Tells of many machines which restore points rules would let go: the same answer as `decideByRules`, with the calendar asked once for each quarter of
 * an hour. Points are those of one machine on one target; all are thought to lie in the past.
 */
export class ExpiryForecast {
  readonly #periodsAt: (at: number) => Periods;
  readonly #seen = new Map<number, Periods>();

  /** @param zone IANA time zone of the calendar. */
  constructor(zone: string) {
    this.#periodsAt = calendarOf(zone);
  }

  /** @param points Newest first. Answers those that none of the rules keeps. */
  expires<P extends DatedPoint>(points: readonly P[], rules: readonly RetentionRule[]): readonly P[] {
    if (rules.length === 0 || rules.some(({ keep }) => !isLimited(keep))) return [];
    const periods = points.map(({ takenAt }) => this.#periods(takenAt));
    let left = points.map(() => true);
    for (const { keep } of rules) {
      const hits = applyRules(periods, keep);
      left = left.map((isLeft, index) => isLeft && hits[index]?.length === 0);
    }
    return points.filter((_, index) => left[index]);
  }

  /** No zone changes its clocks or begins a period within a quarter of an hour since 1972. */
  #periods(at: number): Periods {
    const quarter = Math.floor(at / 900_000) * 900_000;
    const known = this.#seen.get(quarter);
    if (known !== undefined) return known;
    const periods = this.#periodsAt(at);
    this.#seen.set(quarter, periods);
    return periods;
  }
}
