import type { Timetable } from './contract.ts';

/** An occurrence that begins so late at most is on time: whoever looks only every minute, or was just busy, has missed nothing. */
export const onTimeMs = 5 * 60_000;
/** More missed occurrences than these are not counted one by one. */
export const mostCounted = 1_000;

/** What is to be done with a workflow's occurrences. */
export type Due =
  | { readonly kind: 'nothing' }
  /** Something was missed and is to be caught up, but may not begin now. */
  | { readonly kind: 'wait'; readonly due: number; readonly for: 'blackout' | 'window'; readonly missed: number }
  /** All are missed, and none is caught up. */
  | { readonly kind: 'skip'; readonly due: number; readonly missed: number }
  /** The newest begins; those before it were missed. */
  | { readonly kind: 'fire'; readonly due: number; readonly isCatchUp: boolean; readonly missed: number };

/**
 * What is to be done now with the occurrences after `handledUntil`: of any number at most one begins, the newest.
 * @param now Epoch milliseconds.
 * @param catchUp Whether what was missed is run once.
 */
export function decideDue(table: Timetable, handledUntil: number, now: number, catchUp: boolean): Due {
  const times = table.between(handledUntil, now, mostCounted);
  const due = times.at(-1);
  if (due === undefined) return { kind: 'nothing' };
  if (table.openFrom(now) > now) return { kind: 'wait', due, for: 'blackout', missed: times.length };
  const isHidden = table.openFrom(due) > due;
  if (!isHidden && now - due <= onTimeMs) return { kind: 'fire', due, isCatchUp: false, missed: times.length - 1 };
  if (!catchUp) return { kind: 'skip', due, missed: times.length };
  if (table.windowFrom(now) !== now) return { kind: 'wait', due, for: 'window', missed: times.length };
  return { kind: 'fire', due, isCatchUp: true, missed: times.length - 1 };
}

/** When something of a workflow next begins, as far as can be foreseen: an occurrence, or what is caught up after a blackout. `null`: not in the next years. */
export function nextBeginning(table: Timetable, handledUntil: number, now: number, catchUp: boolean): number | null {
  const pending = decideDue(table, handledUntil, now, catchUp);
  if (pending.kind === 'fire') return now;
  if (pending.kind === 'wait' && catchUp) return opening(table, now);
  let after = now;
  for (let tries = 0; tries < mostCounted; tries += 1) {
    const next = table.next(after);
    if (next === null || table.openFrom(next) === next) return next;
    const open = table.openFrom(next);
    if (!Number.isFinite(open)) return null;
    const caughtUp = catchUp ? opening(table, open) : null;
    const following = table.next(open - 1);
    if (caughtUp !== null && (following === null || caughtUp <= following)) return caughtUp;
    after = open - 1;
  }
  return null;
}

/** The first moment from `at` on that is in no blackout and in a window; `null` when none is found. */
function opening(table: Timetable, at: number): number | null {
  let open = at;
  for (let tries = 0; tries < mostCounted; tries += 1) {
    const outside = table.openFrom(open);
    const inside = Number.isFinite(outside) ? table.windowFrom(outside) : null;
    if (inside === null || inside === open) return inside;
    open = inside;
  }
  return null;
}
