import { type Call, isHoldfastError, makeCall, type Notice } from '@holdfast/api';
import type { AlarmStore, NoticeRow } from '../../catalog/contract.ts';
import { safeText } from '../../model/text/safe-text.ts';
import type { EngineParts } from '../run/parts.ts';
import { openNotifier } from './notifiers.ts';

const minuteMs = 60_000;
/** Pauses between tries: a minute, then twice as long each time, at most six hours. */
const firstPauseMs = minuteMs;
const longestPauseMs = 6 * 60 * minuteMs;
/** After so long a notice is given up, */
export const giveUpMs = 3 * 86_400_000;
/** but not before it was tried so often: a machine that slept, or whose clock leapt, has not tried for three days. */
const fewestTries = 8;
/** How long one notice may take. */
export const sendMs = 30_000;
/** No notice is begun after so long: whoever else waits for this look should not wait longer. */
const roundMs = 60_000;
/** So many failures in a row say that it is the notifier that does not work, and not what it is told. */
const mostFailures = 3;
/** Notices of one round. */
export const mostAtOnce = 1_000;

/** When a notice that has failed so often is tried again. */
export const pauseMs = (attempts: number): number =>
  Math.min(longestPauseMs, firstPauseMs * 2 ** Math.max(0, attempts - 1));

/** What became of a round. */
export interface Round {
  readonly sent: number;
  /** Notifiers that something was given up for, and those that something arrived at. */
  readonly givenUp: ReadonlyMap<string, string>;
  readonly working: ReadonlySet<string>;
}

/** Sends what is due, each notifier by itself: one that hangs holds up nobody but itself, and that not for long. */
export async function deliverDue(parts: EngineParts, call: Call): Promise<Round> {
  const { alarms } = parts.catalog;
  const due = await alarms.due(parts.now(), mostAtOnce);
  const isFull = due.length >= mostAtOnce;
  const givenUp = new Map<string, string>();
  const working = new Set<string>();
  const counts = await Promise.all(
    [...Map.groupBy(due, ({ notifier }) => notifier)].map(async ([name, rows]) => {
      const told = await deliverTo(parts, name, rows, isFull, call);
      if (told.givenUp !== null) givenUp.set(name, told.givenUp);
      if (told.sent > 0) working.add(name);
      return told.sent;
    }),
  );
  return { sent: counts.reduce((sum, count) => sum + count, 0), givenUp, working };
}

interface Told {
  readonly sent: number;
  /** Why something was given up; `null` when nothing was. */
  readonly givenUp: string | null;
}

async function deliverTo(
  parts: EngineParts,
  name: string,
  rows: readonly NoticeRow[],
  isFull: boolean,
  call: Call,
): Promise<Told> {
  const { alarms } = parts.catalog;
  const startedAt = parts.now();
  let sent = 0;
  let givenUp: string | null = null;
  let inARow = 0;
  // What failed before does not stand in the way of what has not been tried.
  for (const row of rows.toSorted((a, b) => a.attempts - b.attempts || a.queuedAt - b.queuedAt)) {
    if (call.signal.aborted) break;
    if (inARow >= mostFailures || parts.now() - startedAt > roundMs) {
      // Left as it is it comes first next time; only where it would keep others out it has to wait.
      if (isFull) await alarms.failed(row.id, name, 'others before it failed', parts.now() + firstPauseMs);
      continue;
    }
    const failure = await sendOne(parts, row, call);
    if (failure === 'cancelled') break;
    if (failure === null) {
      await alarms.sent(row.id, name, parts.now());
      sent += 1;
      inARow = 0;
      continue;
    }
    if (failure.isTooSlow) inARow = mostFailures;
    else inARow += 1;
    const isOver = await note(alarms, row, failure, parts.now());
    // Who took a notifier away knows that nothing comes by it any more.
    if (isOver && !failure.isGone) givenUp = failure.why;
  }
  return { sent, givenUp };
}

interface Failure {
  readonly why: string;
  readonly isForGood: boolean;
  readonly isTooSlow: boolean;
  /** There is no notifier of this name any more. */
  readonly isGone: boolean;
}

/** Answers whether it is given up. */
async function note(alarms: AlarmStore, row: NoticeRow, { why, isForGood }: Failure, now: number): Promise<boolean> {
  const nextAt = now + pauseMs(row.attempts + 1);
  const isOver = isForGood || (nextAt - row.queuedAt > giveUpMs && row.attempts + 1 >= fewestTries);
  await alarms.failed(row.id, row.notifier, why, isOver ? null : nextAt);
  return isOver;
}

async function sendOne(parts: EngineParts, row: NoticeRow, call: Call): Promise<Failure | 'cancelled' | null> {
  // In the time of this machine, whatever the clock of the installation says.
  const late = AbortSignal.timeout(sendMs);
  const limited = makeCall({ ...call, signal: AbortSignal.any([call.signal, late]) });
  try {
    const notifier = await openNotifier(parts, row.notifier, limited);
    // Core wrote it, as a notice.
    await notifier.send(row.notice as unknown as Notice, limited);
    return null;
  } catch (thrown) {
    if (call.signal.aborted) return 'cancelled';
    const isTooSlow = late.aborted || isHoldfastError(thrown, 'TIMEOUT');
    const isGone = isHoldfastError(thrown, 'NOTIFIER_NOT_FOUND');
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return {
      why: late.aborted ? `it did not answer within ${sendMs / 1000} s` : safeText(message, 500),
      isForGood: isGone || isHoldfastError(thrown, 'NOTIFY_REFUSED'),
      isTooSlow,
      isGone,
    };
  }
}
