import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { HoldfastError } from '@holdfast/api';
import { startWorker } from '../../base/start-worker.ts';
import { notPlain } from '../not-plain.ts';
import { closedTooEarly } from '../remote.ts';
import type { AnswerMessage, CallMessage, CloseMessage, ThreadStart } from './messages.ts';
import { unpackThrown } from './thrown.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(reason: Error): void;
}

/** The thread that has the database open, as the rest of the process sees it. Idle, it does not keep the process alive. */
export class DatabaseThread {
  readonly #worker: Worker;
  readonly #now: () => number;
  readonly #exited: Promise<unknown>;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #lost: Error | null = null;
  #closing: Promise<void> | null = null;

  constructor(start: Omit<ThreadStart, 'now'> & { readonly now: () => number }) {
    this.#now = start.now;
    const data: ThreadStart = { ...start, now: start.now() };
    this.#worker = startWorker(import.meta.url, './database-worker', { name: 'catalog', data });
    this.#exited = once(this.#worker, 'exit');
    this.#worker.unref();
    this.#worker.on('message', (answer: AnswerMessage) => this.#answered(answer));
    this.#worker.on('error', (cause) => this.#lose(cause));
    this.#worker.on('exit', () => this.#lose());
  }

  /** What the thread answers once the database is open, or why it cannot be opened. */
  opened(): Promise<unknown> {
    return this.#wait(0);
  }

  /** Calls a method of a store on the database thread. */
  async call(store: string, method: string, given: readonly unknown[]): Promise<unknown> {
    if (this.#closing !== null) throw closedTooEarly(store, method);
    if (this.#lost !== null) throw this.#lost;
    this.#calls += 1;
    const message: CallMessage = { id: this.#calls, store, method, given, now: this.#now() };
    this.#post(message);
    return this.#wait(message.id);
  }

  /** Lets what was called before finish, closes the database and ends the thread. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.#lost !== null) return;
    const message: CloseMessage = { close: true };
    this.#worker.postMessage(message);
    const closed = this.#wait(0);
    await Promise.all([closed, this.#exited]);
  }

  #post(message: CallMessage): void {
    try {
      this.#worker.postMessage(message);
    } catch (cause) {
      throw notPlain('it holds more than plain data', cause);
    }
  }

  #wait(id: number): Promise<unknown> {
    if (this.#waiting.size === 0) this.#worker.ref();
    return new Promise((resolve, reject) => void this.#waiting.set(id, { resolve, reject }));
  }

  #answered(answer: AnswerMessage): void {
    const waiting = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if ('thrown' in answer) waiting?.reject(unpackThrown(answer.thrown));
    else waiting?.resolve(answer.value);
    if (this.#waiting.size === 0 && this.#closing === null) this.#worker.unref();
  }

  #lose(cause?: unknown): void {
    this.#lost ??= new HoldfastError('WORKER_LOST', 'the database thread of the catalog has ended', { cause });
    for (const { reject } of this.#waiting.values()) reject(this.#lost);
    this.#waiting.clear();
  }
}
