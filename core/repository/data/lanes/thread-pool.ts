import { Worker } from 'node:worker_threads';
import { cancelled, HoldfastError, isHoldfastError } from '@holdfast/api';
import { workerUrl } from '../../../base/worker-url.ts';
import type { ThreadStart } from './protocol.ts';
import { type Handlers, type Port, Wire } from './wire.ts';

/**
 * Megabytes for what lives shortly. What ciphers give lies outside of the heap and goes with the small objects that hold it: the more
 * seldom these are collected, the more of it piles up.
 */
const YOUNG_MB = 1;
/** How long an answer is waited for once nobody wants it any more. */
const MOST_WAIT_MS = 700;

/** What a thread may ask the main thread for, with the thread that asks. */
export type ThreadHandlers = Readonly<Record<string, (argument: never, thread: Thread) => unknown>>;

/** A worker thread as the main thread sees it. */
export class Thread {
  /** Questions that it has not answered. */
  load = 0;
  #isDead = false;
  readonly #worker: Worker;
  readonly #wire: Wire;
  readonly #ended: Promise<void>;
  readonly #onEnd: (thread: Thread) => void;

  constructor(start: ThreadStart, serves: ThreadHandlers, onEnd: (thread: Thread) => void) {
    this.#onEnd = onEnd;
    const worker = new Worker(workerUrl(import.meta.url, './lane-worker'), {
      workerData: start,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    this.#worker = worker;
    const handlers = Object.entries(serves).map(([what, handler]): [string, (argument: never) => unknown] => [
      what,
      (argument) => handler(argument, this),
    ]);
    this.#wire = new Wire(worker as unknown as Port, Object.fromEntries(handlers) as Handlers);
    let cause: unknown;
    worker.on('error', (thrown) => {
      cause = thrown;
    });
    this.#ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#die('a worker thread ended before its work was done', cause);
        resolve();
      });
    });
    // A thread without work does not keep the process alive.
    worker.unref();
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  async ask<T>(what: string, argument: unknown, handOver: readonly ArrayBuffer[] = []): Promise<T> {
    if (this.load++ === 0) this.#worker.ref();
    try {
      return await this.#wire.ask<T>(what, argument, handOver);
    } finally {
      if (--this.load === 0) this.#worker.unref();
    }
  }

  /** Ends the thread, whatever it does. */
  async end(): Promise<void> {
    await this.#worker.terminate();
    await this.#ended;
  }

  /** Waits for it no longer: it may be stuck where not even its end can reach it, in the middle of reading a device, say. */
  giveUp(): void {
    this.#die('a worker thread did not answer', undefined);
    void this.#worker.terminate();
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
  readonly #threads: Thread[] = [];
  #isClosed = false;

  constructor(width: number, start: ThreadStart, serves: ThreadHandlers) {
    this.width = width;
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

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#threads].map((thread) => thread.end()));
  }

  #open(): Thread {
    if (this.#isClosed) throw new HoldfastError('CANCELLED', 'the repository has been closed');
    const thread = new Thread(this.#start, this.#serves, (ended) => {
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
