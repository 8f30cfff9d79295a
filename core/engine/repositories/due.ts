import type { CollectionBook, CollectionTimes } from './contract.ts';

const hourMs = 3_600_000;
/** A repository is collected so often at least: what was condemned yesterday is swept today. */
export const dayMs = 24 * hourMs;
/** After restore points were forgotten it is collected as soon, but not for each of them anew. */
export const soonMs = hourMs;
/** One that failed is tried again after so long. */
const againMs = hourMs;
/** Somebody else collects: what is left then is looked at after so long. */
const busyMs = 15 * 60_000;

/** Whether it is time. What is due later than it can be was noted by a clock that was wrong. */
export function isDue(times: CollectionTimes | undefined, now: number): boolean {
  return times === undefined || times.dueAt <= now || times.dueAt > now + dayMs;
}

/** What a repository's times are once it was collected, or was not. */
export function timesAfter(
  end: 'done' | 'busy' | 'failed' | 'refused',
  before: CollectionTimes | undefined,
  now: number,
): CollectionTimes {
  if (end === 'done') return { collectedAt: now, dueAt: now + dayMs };
  // Rights may be given later, or a disk mounted for writing: it is tried, and as seldom as if it had succeeded.
  if (end === 'refused') return { collectedAt: before?.collectedAt ?? null, dueAt: now + dayMs, isRefused: true };
  return { collectedAt: before?.collectedAt ?? null, dueAt: now + (end === 'busy' ? busyMs : againMs) };
}

/** Notes that restore points were forgotten on a target. What cannot be noted hinders nobody: it is collected once a day anyway. */
export async function noteForgotten(book: CollectionBook | undefined, target: string, now: number): Promise<void> {
  if (book === undefined) return;
  try {
    const before = (await book.read())[target];
    if (before === undefined || isDue(before, now)) return;
    const dueAt = Math.min(before.dueAt, Math.max(now, (before.collectedAt ?? now) + soonMs));
    if (dueAt < before.dueAt) await book.write(target, { ...before, dueAt });
  } catch {
    // It was only to have it sooner.
  }
}
