import { type Call, isHoldfastError } from '@holdfast/api';
import { Collecting } from '../repositories/collecting.ts';
import { messageOf } from '../run/failure.ts';
import type { EngineParts } from '../run/parts.ts';
import type { TickReport } from './contract.ts';
import type { Leadership } from './leadership.ts';
import { type Look, Looker } from './look.ts';
import { type Book, PlanBook } from './plan-book.ts';
import type { RunningEngine } from './running-engine.ts';
import { Work } from './work.ts';

/** How often schedules are looked at, in milliseconds; what is due earlier is looked at then. */
export const lookMs = 10_000;
/** How often is looked whether other policies were applied. */
const newsMs = 1_000;
/** Warnings that are remembered, so as not to repeat them: a process that stays must not remember ever more. */
const mostTold = 1_000;

/** What a leader reports while it leads. */
export interface LeadListener {
  fired(fired: TickReport['fired'][number]): void;
  ended(run: TickReport['runs'][number]): void;
  collected(one: TickReport['collected'][number]): void;
  warning(text: string): void;
}

/**
 * Leads: looks, begins what is due, executes what waits, collects repositories, again and again. Ends when nothing that may begin now is left (`once`), when somebody else leads, or
 * when a signal aborts; what was begun here has ended by then.
 */
export async function lead(
  parts: EngineParts,
  engine: RunningEngine,
  leader: Leadership,
  call: Call,
  how: { readonly once: boolean; readonly retire?: AbortSignal | undefined },
  tell: LeadListener,
): Promise<void> {
  const { once, retire } = how;
  const plans = new PlanBook(parts.catalog);
  const looker = new Looker(parts, engine, plans);
  const work = new Work(parts, engine, call);
  const stop = AbortSignal.any([call.signal, leader.lost, ...(retire === undefined ? [] : [retire])]);
  const collecting = new Collecting(parts, call, stop);
  const told = new Set<string>();
  const warn = (text: string): void => {
    if (told.has(text)) return;
    if (told.size >= mostTold) told.clear();
    told.add(text);
    tell.warning(text);
  };
  const report = (): void => {
    for (const run of work.takeEnded()) tell.ended(run);
    for (const text of work.takeWarnings()) warn(text);
    for (const one of collecting.takeEnded()) tell.collected(one);
  };
  try {
    while (!stop.aborted) {
      const look = await lookSafely(looker, leader, call, once, warn);
      for (const fired of look?.fired ?? []) tell.fired(fired);
      for (const text of look?.warnings ?? []) warn(text);
      if (stop.aborted) break;
      if (look !== null) await work.begin(look.book);
      // A tick collects once its runs are over, so that what they forgot is among it.
      if (!once || work.isIdle) collecting.begin();
      report();
      if (once && work.isIdle && collecting.isIdle) break;
      if (once) await work.wait(lookMs, AbortSignal.any([stop, collecting.news]));
      else await untilWorthALook(parts, look?.book ?? null, work, stop);
      report();
    }
  } finally {
    // Whoever comes next need not wait for the runs that were begun here.
    if (retire?.aborted) await leader[Symbol.asyncDispose]();
    await collecting.stop();
    await work.end();
    report();
  }
}

/** A look that fails ends a tick, but not a process that stays: that looks again. `null` when there was none. */
async function lookSafely(
  looker: Looker,
  leader: Leadership,
  call: Call,
  once: boolean,
  warn: (text: string) => void,
): Promise<Look | null> {
  try {
    return await looker.look(leader, call);
  } catch (problem) {
    if (isHoldfastError(problem, 'FENCED')) leader.giveUp();
    else if (once && !isHoldfastError(problem, 'CANCELLED')) throw problem;
    else if (!call.signal.aborted) warn(`schedules could not be looked at: ${messageOf(problem)}`);
    return null;
  }
}

/** Waits until a run has ended here, something is due, other policies were applied, or it is time to look anyway. */
async function untilWorthALook(parts: EngineParts, book: Book | null, work: Work, stop: AbortSignal): Promise<void> {
  const now = parts.now();
  const next = Math.min(...(book?.entries ?? []).map(({ table }) => table.next(now) ?? Number.POSITIVE_INFINITY));
  for (let waited = 0; waited < lookMs && !stop.aborted; waited += newsMs) {
    const hasEnded = await work.wait(Math.min(newsMs, Math.max(1, next - parts.now())), stop);
    if (hasEnded || parts.now() >= next) return;
    const [newest] = await parts.catalog.policies.history().catch(() => []);
    if (newest !== undefined && newest.id !== book?.applied.id) return;
  }
}
