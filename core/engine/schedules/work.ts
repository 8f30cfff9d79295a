import { type Call, isHoldfastError } from '@holdfast/api';
import { systemClock } from '../../base/clock.ts';
import type { RunRecord } from '../../catalog/contract.ts';
import { onTimeMs } from '../../model/schedules/due.ts';
import type { Engine } from '../contract.ts';
import { messageOf } from '../run/failure.ts';
import { subjectOf } from '../run/machine-lease.ts';
import type { EngineParts } from '../run/parts.ts';
import type { Book } from './plan-book.ts';

/** Runs that one process executes at once when the configuration does not say. */
const defaultRuns = 4;
/** Waiting runs that are looked at: first a few, and all only when none of these may begin. */
const fewWaiting = 200;
const mostWaiting = 10_000;
/** Ended runs among which those are looked for that are worth doing again. */
const mostEnded = 1_000;
/** A run that failed is tried once more after so long, and looked for so far back. */
const againMs = 15 * 60_000;
const againWithinMs = 24 * 3_600_000;
/** Attempts of a run that failed, of one that only others kept from a slot, and of one that was only stopped together with its process. */
const mostAttempts = { failed: 2, noSlot: 24, cancelled: 4 } as const;

/** Executes runs of policies that wait, so many at once. */
export class Work {
  readonly #parts: EngineParts;
  readonly #engine: Pick<Engine, 'execute' | 'retry'>;
  readonly #call: Call;
  readonly #most: number;
  readonly #going = new Map<string, { readonly subject: string; readonly ended: Promise<void> }>();
  /** Runs that could not begin, because somebody else works on their machine: until a run has ended here, or some time has passed. */
  readonly #busy = new Set<string>();
  readonly #ended: RunRecord[] = [];
  readonly #warnings: string[] = [];

  constructor(parts: EngineParts, engine: Pick<Engine, 'execute' | 'retry'>, call: Call) {
    this.#parts = parts;
    this.#engine = engine;
    this.#call = call;
    this.#most = Math.max(1, parts.config.config.schedules?.runs ?? defaultRuns);
  }

  get isIdle(): boolean {
    return this.#going.size === 0;
  }

  /** Runs that have ended here since this was asked last. */
  takeEnded(): RunRecord[] {
    return this.#ended.splice(0);
  }

  takeWarnings(): string[] {
    return this.#warnings.splice(0);
  }

  /** Waits for so long at most, or until a run has ended here: then the answer is `true`. */
  async wait(ms: number, signal: AbortSignal): Promise<boolean> {
    const done = new AbortController();
    const ended = [...this.#going.values()].map((run) => run.ended.then(() => true));
    const pause = systemClock.sleep(ms, AbortSignal.any([signal, done.signal])).then(
      () => false,
      () => false,
    );
    const hasEnded = await Promise.race([...ended, pause]);
    done.abort();
    if (!hasEnded) this.#busy.clear();
    return hasEnded;
  }

  /** Waits until all that was begun here has ended. */
  async end(): Promise<void> {
    while (this.#going.size > 0) await Promise.all([...this.#going.values()].map((run) => run.ended));
  }

  /** Begins what waits and may begin now, oldest first. */
  async begin(book: Book | null): Promise<void> {
    const { catalog, now } = this.#parts;
    for (const limit of [fewWaiting, mostWaiting]) {
      if (this.#isFull()) return;
      const waiting = await catalog.policies.waiting(now(), limit);
      for (const run of waiting) await this.#beginOne(run, book);
      if (waiting.length < limit) break;
    }
    for (const run of await this.#again(book)) {
      if (this.#isFull()) return;
      if (this.#isFree(run)) this.#start(run, (id, call) => this.#engine.retry(id, call));
    }
  }

  async #beginOne(run: RunRecord, book: Book | null): Promise<void> {
    if (this.#isFull() || !this.#isFree(run)) return;
    const may = mayBegin(run, book, this.#parts.now());
    if (may === 'gone') await this.#drop(run);
    else if (may === 'yes') this.#start(run, (id, call) => this.#engine.execute(id, call));
  }

  #isFull(): boolean {
    return this.#going.size >= this.#most || this.#call.signal.aborted;
  }

  #isFree(run: RunRecord): boolean {
    const subject = subjectOf(run);
    const isTaken = [...this.#going.values()].some((going) => going.subject === subject);
    return !isTaken && !this.#busy.has(run.id) && !this.#going.has(run.id);
  }

  #start(run: RunRecord, execute: (id: string, call: Call) => Promise<RunRecord>): void {
    const { signal, who } = this.#call;
    const call: Call = {
      ...this.#call,
      signal,
      who,
      progress: () => {},
      log: (level, text) => this.#call.log(level, `${run.machineName}: ${text}`),
    };
    const ended = execute(run.id, call).then(
      (record) => {
        this.#ended.push(record);
        this.#busy.clear();
      },
      (problem: unknown) => this.#notExecuted(run, problem),
    );
    this.#going.set(run.id, { subject: subjectOf(run), ended: ended.finally(() => this.#going.delete(run.id)) });
  }

  #notExecuted(run: RunRecord, problem: unknown): void {
    this.#busy.add(run.id);
    // Somebody else has it, or it is stopped with this process: its record says what became of it.
    const isOthers = (['MACHINE_BUSY', 'FENCED', 'RUN_ENDED', 'RUN_NOT_RETRYABLE', 'CANCELLED'] as const).some((code) =>
      isHoldfastError(problem, code),
    );
    if (!isOthers) this.#warnings.push(`run ${run.id} of ${run.machineName} could not begin: ${messageOf(problem)}`);
    else this.#call.log('debug', `run ${run.id} of ${run.machineName} does not begin here now: ${messageOf(problem)}`);
  }

  /** A run of a workflow that is no longer there is not begun any more. */
  async #drop(run: RunRecord): Promise<void> {
    const because = 'its policy or workflow was removed before it began';
    await this.#parts.catalog.jobs.because(run.id, { decision: 'do not begin', because });
    await this.#parts.catalog.jobs.askCancel(run.id, 'schedule').catch((problem: unknown) => {
      if (!isHoldfastError(problem, 'RUN_ENDED')) throw problem;
    });
    this.#warnings.push(`run ${run.id} of ${run.machineName} is not begun: ${because}`);
  }

  /** Runs that failed a while ago and are tried once more, and those that were only stopped together with their process. */
  async #again(book: Book | null): Promise<readonly RunRecord[]> {
    const now = this.#parts.now();
    const { jobs, policies } = this.#parts.catalog;
    const ended = await jobs.list({ states: ['failed', 'cancelled'], limit: mostEnded });
    const worth = ended.filter((run) => run.createdAt >= now - againWithinMs && isWorthAgain(run, book, now));
    if (worth.length === 0) return [];
    // One that something newer came after is made good by that.
    const recent = await policies.runsSince(now - againWithinMs, mostWaiting);
    return worth.filter((run) => recent.find((other) => keyOfRun(other) === keyOfRun(run))?.id === run.id);
  }
}

const keyOfRun = (run: RunRecord): string => `${run.policy?.policy}/${run.policy?.workflow} ${subjectOf(run)}`;

function isWorthAgain(run: RunRecord, book: Book | null, now: number): boolean {
  if (run.policy === null || run.endedAt === null || mayBegin(run, book, now, true) !== 'yes') return false;
  if (run.state === 'cancelled') return run.cancelAskedBy === null && run.attempts < mostAttempts.cancelled;
  const most = run.error?.code === 'SLOT_UNAVAILABLE' ? mostAttempts.noSlot : mostAttempts.failed;
  if (run.state !== 'failed' || run.attempts >= most || now < run.endedAt + againMs) return false;
  // Where the next occurrence is as near, that makes it good.
  const next = book?.find(run.policy.policy, run.policy.workflow)?.table.next(now) ?? null;
  return next === null || next - now > againMs;
}

/**
 * Whether a run may begin now by itself: its workflow is there and not paused, no blackout is on, and a window is open or was when its time came.
 * @param isAgain It has had its time before, so that only a window that is open now counts.
 */
function mayBegin(run: RunRecord, book: Book | null, now: number, isAgain = false): 'yes' | 'later' | 'gone' {
  if (run.policy === null || book === null) return 'later';
  const entry = book.find(run.policy.policy, run.policy.workflow);
  if (entry === null) return 'gone';
  if (entry.policy.isPaused || entry.table.openFrom(now) > now) return 'later';
  const isOnTime = !isAgain && now - Math.max(run.policy.due, run.notBefore) <= onTimeMs;
  return isOnTime || entry.table.windowFrom(now) === now ? 'yes' : 'later';
}
