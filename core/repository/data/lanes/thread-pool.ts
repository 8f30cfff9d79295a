import { cancelled, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { ThreadStart } from './protocol.ts';
import type { StartedLane, StartLane } from './started-lane.ts';
import { type Handlers, Wire } from './wire.ts';

/** How long an answer is waited for once nobody wants it any more. */
const MOST_WAIT_MS = 700;

/** What a thread may ask the main thread for, with the thread that asks. */
export type ThreadHandlers = Readonly<Record<string, (argument: never, thread: Thread) => unknown>>;

/** A worker thread as the main thread sees it. */
export class Thread {
  /** Questions that it has not answered. */
  load = 0;
  #isDead = false;
  readonly #lane: StartedLane;
  readonly #wire: Wire;
  readonly #onEnd: (thread: Thread) => void;

  constructor(lane: StartedLane, serves: ThreadHandlers, onEnd: (thread: Thread) => void) {
    this.#onEnd = onEnd;
    this.#lane = lane;
    const handlers = Object.entries(serves).map(([what, handler]): [string, (argument: never) => unknown] => [
      what,
      (argument) => handler(argument, this),
    ]);
    this.#wire = new Wire(lane.port, Object.fromEntries(handlers) as Handlers);
    lane.onEnd((cause) => this.#die('a worker thread ended before its work was done', cause));
    // A thread without work does not keep the process alive.
    lane.unref();
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  async ask<T>(what: string, argument: unknown, handOver: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.load++ === 0) this.#lane.ref();
    try {
      return await this.#wire.ask<T>(what, argument, handOver);
    } finally {
      if (--this.load === 0) this.#lane.unref();
    }
  }

  /** Ends the thread, whatever it does. */
  async end(): Promise<void> {
    await this.#lane.end();
  }

  /** Waits for it no longer: it may be stuck where not even its end can reach it, in the middle of reading a device, say. */
  giveUp(): void {
    this.#die('a worker thread did not answer', undefined);
    void this.#lane.end();
  }

  #die(why: string, cause: unknown): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#onEnd(this);
    this.#wire.fail(new HoldfastError('WORKER_LOST', why, { cause }));
  }
}

/** Worker threads, which all work shares: started when they are wanted, replaced when they die. */
export class ThreadPool {
  /** Most threads at a time. */
  readonly width: number;
  readonly #start: ThreadStart;
  readonly #serves: ThreadHandlers;
  readonly #startLane: StartLane;
  readonly #threads: Thread[] = [];
  #isClosed = false;

  constructor(width: number, start: ThreadStart, serves: ThreadHandlers, startLane: StartLane) {
    this.width = width;
    this.#startLane = startLane;
    this.#start = start;
    this.#serves = serves;
  }

  /** Whether no thread has anything to do. */
  get isIdle(): boolean {
    return this.#threads.every((thread) => thread.load === 0);
  }

  /** So many threads, but no more than there may be. */
  threads(count: number): readonly Thread[] {
    const wanted = Math.min(count, this.width);
    while (this.#threads.length < wanted) this.#open();
    return this.#threads.slice(0, wanted);
  }

  /** The thread that has least to do. */
  thread(): Thread {
    const free = this.#threads.find((thread) => thread.load === 0);
    if (free !== undefined) return free;
    if (this.#threads.length < this.width) return this.#open();
    return this.#threads.reduce((least, thread) => (thread.load < least.load ? thread : least));
  }

  /**
   * Asks the thread that has least to do; when it dies over it, another one, once.
   * @param signal Whoever asks waits no longer than a moment once it aborts, and gets `CANCELLED`.
   */
  async ask<T>(what: string, argument: unknown, signal?: AbortSignal): Promise<T> {
    try {
      return await answerOrAbort(this.thread().ask<T>(what, argument), signal);
    } catch (cause) {
      if (!isHoldfastError(cause, 'WORKER_LOST') || this.#isClosed) throw cause;
      return answerOrAbort(this.thread().ask<T>(what, argument), signal);
    }
  }

  /** Says something to every thread that there is, before whatever is asked of it next; those that are started later know it from the start. */
  tellEach(what: string, argument: unknown): void {
    // One that dies over it need not know any more.
    for (const thread of this.#threads) thread.ask(what, argument).catch(() => {});
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #open(): Thread {
    if (this.#isClosed) throw new HoldfastError('CANCELLED', 'the repository has been closed');
    const thread = new Thread(this.#startLane(this.#start), this.#serves, (ended) => {
      const at = this.#threads.indexOf(ended);
      if (at >= 0) this.#threads.splice(at, 1);
    });
    this.#threads.push(thread);
    return thread;
  }
}

async function answerOrAbort<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer;
  let timer: NodeJS.Timeout | undefined;
  let onAbort: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      timer = setTimeout(() => reject(cancelled('reading')), MOST_WAIT_MS);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}
