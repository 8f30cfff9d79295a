import { type CommandResult, isHoldfastError, type LogLevel, type Plain } from '@holdfast/api';
import type { Ask } from '../../../shell/contract.ts';
import type { Desk } from '../../../shell/desk/contract.ts';
import { failureOf } from './failure.ts';
import type { Task, TaskLine } from './task.ts';

const keptTasks = 100;
const keptLines = 2000;
/** How a command says which run it began. */
const begun = /^run ([\w-]{4,64}) of /;

/** What a task is started with. */
export interface TaskWish {
  readonly command: string;
  readonly args: Readonly<Record<string, Plain>>;
  readonly title: string;
  readonly ask: Ask | null;
  readonly signal: AbortSignal | undefined;
  readonly isListed: boolean;
}

/** Commands that this person started: they go on whatever happens to the page that started them. */
export class TaskList {
  readonly lines: TaskLine[] = [];
  readonly #tasks: Task[] = [];
  readonly #desk: Desk;
  readonly #onChange: () => void;
  readonly #working = new Set<Promise<unknown>>();
  #last = 0;

  constructor(desk: Desk, onChange: () => void) {
    this.#desk = desk;
    this.#onChange = onChange;
  }

  /** Newest first. */
  get all(): readonly Task[] {
    return this.#tasks;
  }

  get running(): readonly Task[] {
    return this.#tasks.filter(({ state }) => state === 'running');
  }

  /** Runs a command; the task that it becomes is kept even when it throws what the command throws. */
  start(wish: TaskWish): { readonly task: Task; readonly answer: Promise<CommandResult> } {
    const call = new AbortController();
    this.#last += 1;
    const task: Task = {
      id: this.#last,
      command: wish.command,
      args: wish.args,
      title: wish.title,
      line: this.#desk.commandLine(wish.command, wish.args),
      startedAt: this.#desk.now(),
      endedAt: null,
      state: 'running',
      progress: null,
      run: null,
      stoppingSince: null,
      result: null,
      failure: null,
      call,
    };
    if (wish.isListed) {
      this.#tasks.unshift(task);
      this.#tasks.splice(keptTasks);
      this.#onChange();
    }
    const answer = this.#work(task, wish);
    if (wish.isListed) this.#follow(answer);
    return { task, answer };
  }

  /** Asks a task to stop; it ends when it has reached a safe state. */
  stop(task: Task): void {
    if (task.state !== 'running' || task.stoppingSince !== null) return;
    task.stoppingSince = this.#desk.now();
    task.call.abort();
    this.#onChange();
  }

  /** What a task said since it was asked to stop: what it cleaned. */
  cleaned(task: Task): string | null {
    const since = task.stoppingSince;
    if (since === null) return null;
    return (
      this.lines.findLast((line) => line.task === task.id && line.at >= since && line.level !== 'debug')?.text ?? null
    );
  }

  /** Asks everything to stop. */
  stopAll(): void {
    for (const task of this.running) this.stop(task);
  }

  /** When everything that was running has reached its end. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#working]);
  }

  #follow(answer: Promise<unknown>): void {
    const ended = answer.catch(() => {}).finally(() => this.#working.delete(ended));
    this.#working.add(ended);
  }

  async #work(task: Task, wish: TaskWish): Promise<CommandResult> {
    const stop = (): void => this.stop(task);
    if (wish.signal?.aborted === true) stop();
    wish.signal?.addEventListener('abort', stop, { once: true });
    try {
      const result = await this.#desk.run(wish.command, wish.args, {
        signal: task.call.signal,
        ask: wish.ask,
        progress: (progress) => {
          task.progress = progress;
          if (wish.isListed) this.#onChange();
        },
        log: (level, text) => this.#say(task, level, text),
      });
      task.result = result;
      task.state = result.partial === true ? 'partial' : result.failure === undefined ? 'done' : 'failed';
      return result;
    } catch (problem) {
      task.failure = failureOf(problem);
      task.state = isHoldfastError(problem, 'CANCELLED') || task.call.signal.aborted ? 'cancelled' : 'failed';
      throw problem;
    } finally {
      wish.signal?.removeEventListener('abort', stop);
      task.endedAt = this.#desk.now();
      this.#onChange();
    }
  }

  #say(task: Task, level: LogLevel, text: string): void {
    task.run ??= begun.exec(text)?.[1] ?? null;
    this.lines.push({ at: this.#desk.now(), level, text, task: task.id });
    if (this.lines.length > keptLines * 1.25) this.lines.splice(0, this.lines.length - keptLines);
    this.#onChange();
  }
}
