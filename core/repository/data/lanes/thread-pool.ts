import { Worker } from 'node:worker_threads';
import { HoldfastError } from '@holdfast/api';
import { workerUrl } from '../../../base/worker-url.ts';
import type { ThreadStart } from './protocol.ts';
import { type Handlers, type Port, Wire } from './wire.ts';

/** A worker thread as the main thread sees it. */
export class Thread {
  /** What the thread may ask for besides what every thread may; set by whoever has borrowed it. */
  borrower: Handlers | null = null;
  /** Questions that it has not answered. */
  load = 0;
  #isDead = false;
  readonly #worker: Worker;
  readonly #wire: Wire;
  readonly #ended: Promise<void>;

  constructor(start: ThreadStart, serves: Handlers, onEnd: (thread: Thread) => void) {
    const worker = new Worker(workerUrl(import.meta.url, './lane-worker'), { workerData: start, stdin: false });
    this.#worker = worker;
    this.#wire = new Wire(worker as unknown as Port, this.#withBorrower(serves));
    let cause: unknown;
    worker.on('error', (thrown) => {
      cause = thrown;
    });
    this.#ended = new Promise((resolve) => {
      worker.on('exit', () => {
        this.#isDead = true;
        this.#wire.fail(new HoldfastError('WORKER_LOST', 'a worker thread ended before its work was done', { cause }));
        onEnd(this);
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

  /** Ends the thread at once, whatever it does. */
  async end(): Promise<void> {
    await this.#worker.terminate();
    await this.#ended;
  }

  #withBorrower(serves: Handlers): Handlers {
    const forBorrower = (what: string) => (argument: never) => {
      const handler = this.borrower?.[what];
      if (handler === undefined) throw new Error(`nobody has borrowed the thread that asks for ${what}`);
      return handler(argument);
    };
    return {
      ...serves,
      memory: forBorrower('memory'),
      pack: forBorrower('pack'),
      units: forBorrower('units'),
    };
  }
}

/** Worker threads: started when they are wanted, kept for the next work. */
export class ThreadPool {
  /** How many do one piece of work together. */
  readonly width: number;
  readonly #start: ThreadStart;
  readonly #serves: Handlers;
  readonly #idle: Thread[] = [];
  readonly #all = new Set<Thread>();
  #readers: Thread[] = [];
  #isClosed = false;

  constructor(width: number, start: ThreadStart, serves: Handlers) {
    this.width = width;
    this.#start = start;
    this.#serves = serves;
  }

  /** Whether no thread has anything to do or belongs to a borrower. */
  get isIdle(): boolean {
    return [...this.#all].every((thread) => thread.load === 0 && thread.borrower === null);
  }

  /** Threads for one borrower alone. */
  borrow(count: number): Thread[] {
    return Array.from({ length: count }, () => this.#idle.pop() ?? this.#open());
  }

  /** Takes threads back; dead ones are forgotten. */
  giveBack(threads: readonly Thread[]): void {
    for (const thread of threads) {
      thread.borrower = null;
      if (!thread.isDead) this.#idle.push(thread);
    }
  }

  /** Asks whichever of the shared threads has least to do. */
  ask<T>(what: string, argument: unknown, handOver: readonly ArrayBuffer[] = []): Promise<T> {
    return this.reader().ask<T>(what, argument, handOver);
  }

  /** The shared threads, which several pieces of work use at once. */
  readers(): readonly Thread[] {
    this.#readers = this.#readers.filter((thread) => !thread.isDead);
    while (this.#readers.length < this.width) this.#readers.push(...this.borrow(1));
    return this.#readers;
  }

  reader(): Thread {
    this.#readers = this.#readers.filter((thread) => !thread.isDead);
    const free = this.#readers.find((thread) => thread.load === 0);
    if (free !== undefined) return free;
    if (this.#readers.length < this.width) {
      const thread = this.borrow(1)[0] as Thread;
      this.#readers.push(thread);
      return thread;
    }
    return this.#readers.reduce((least, thread) => (thread.load < least.load ? thread : least));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#all].map((thread) => thread.end()));
  }

  #open(): Thread {
    if (this.#isClosed) throw new Error('the repository has been closed');
    const thread = new Thread(this.#start, this.#serves, (ended) => {
      this.#all.delete(ended);
      const at = this.#idle.indexOf(ended);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    this.#all.add(thread);
    return thread;
  }
}
