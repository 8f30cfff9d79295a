/**
 * When a workflow runs: by calendar (`0 2 * * *`, `Sun 02:00`, `first Sat 20:00`), every so often (`15m`), or only when somebody asks.
 * The language is described in docs/formats/policies.md.
 */
export type When =
  | {
      readonly kind: 'calendar' /** As it was written. */;
      readonly text: string /** Five fields of cron, names allowed, `SAT#1` for the first Saturday. */;
      readonly cron: string;
    }
  | { readonly kind: 'every'; readonly text: string; readonly everyMs: number }
  | { readonly kind: 'asked' };

/** Hours of days on which runs may begin: `Mon-Fri 22:00-06:00`. A window that ends before it begins goes on into the next day. */
export interface TimeWindow {
  /** As it was written. */
  readonly text: string;
  /** 0 is Sunday. Those on which it begins. */
  readonly days: readonly number[];
  /** Minutes since midnight, 0 to 1439. */
  readonly fromMinute: number;
  /** Minutes since midnight, 1 to 1440. Not later than `fromMinute` means the next day. */
  readonly toMinute: number;
}

/** A time in which nothing begins, whatever the schedule says. */
export type Blackout =
  | { readonly kind: 'once'; readonly from: number; readonly to: number; readonly why: string | null }
  | { readonly kind: 'weekly'; readonly window: TimeWindow; readonly why: string | null };

/** What a schedule is read on. */
export interface TimeRules {
  /** IANA time zone. */
  readonly zone: string;
  /** Empty: at any time. An occurrence outside of them is none. */
  readonly windows: readonly TimeWindow[];
  /** An occurrence within one is missed; it is caught up once when it ends, where the policy says so. */
  readonly blackouts: readonly Blackout[];
  /** Whether what a blackout hides runs once at its end. Only `longestGapMs` asks. Default is `true`. */
  readonly catchUp?: boolean;
}

/** The occurrences of a schedule. Everything is in epoch milliseconds. Pure: the same questions get the same answers. */
export interface Timetable {
  /** The first occurrence after a moment; `null` when there is none in the next four years. */
  next(after: number): number | null;
  /** Occurrences after `after` and not after `until`, oldest first; of more than `limit` the newest. */
  between(after: number, until: number, limit: number): readonly number[];
  /** The first moment from `at` on that is in no blackout: `at` itself outside of them. Infinite when they never end. */
  openFrom(at: number): number;
  /** The first moment from `at` on that is in a window: `at` itself inside of one, and where there are none. `null` when none comes in the next four years. */
  windowFrom(at: number): number | null;
  /** The longest time between two occurrences in the year after `from`, blackouts that come once left out; `null` when there are fewer than two. */
  longestGapMs(from: number): number | null;
}
