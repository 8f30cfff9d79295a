/** How many of each to keep; absent counts are 0, and all 0 keeps everything. The same shape as in the configuration. */
export interface KeepCounts {
  readonly last?: number;
  readonly hourly?: number;
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
  readonly yearly?: number;
}

/** The rules that count calendar periods, shortest first. */
export const periodRules = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type PeriodRule = (typeof periodRules)[number];

/**
 * Why a restore point is kept: a rule of the configuration, or `newest` (never expired), `everything` (nothing is limited),
 * `future` (its time has not come yet, so a clock was wrong: it is kept and counts for nothing until then).
 */
export type KeepRule = 'newest' | 'last' | PeriodRule | 'everything' | 'future';

/** A count as it is used: whole, not negative. */
export const countOf = (keep: KeepCounts, rule: 'last' | PeriodRule): number => {
  const count = Math.floor(keep[rule] ?? 0);
  return count > 0 ? count : 0;
};

/** Whether any rule limits what is kept. */
export const isLimited = (keep: KeepCounts): boolean =>
  countOf(keep, 'last') > 0 || periodRules.some((rule) => countOf(keep, rule) > 0);
