import type { Call, LogLevel, Progress } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';

const progressEveryMs = 100;
const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/** A level that there is, whatever a plugin says. */
export const levelOf = (level: unknown): LogLevel => levels.find((one) => one === level) ?? 'info';

/**
 * A call as a plugin gets it: its text is made safe before anyone sees it, and its progress comes at most ten times a
 * second, the last of it always.
 */
export class PluginCall implements Call {
  readonly signal: AbortSignal;
  readonly deadline: number | null;
  readonly who: string;
  readonly log: Call['log'];
  readonly progress: Call['progress'];
  readonly #outer: Call;
  #at = Number.NEGATIVE_INFINITY;
  #waiting: Progress | null = null;

  constructor(outer: Call, signal: AbortSignal) {
    this.#outer = outer;
    this.signal = signal;
    this.deadline = outer.deadline;
    this.who = outer.who;
    this.log = (level, message) => outer.log(levelOf(level), safeText(String(message), 4000));
    this.progress = (progress) => this.#take(progress);
  }

  /** Hands on what was held back. */
  flush(): void {
    if (this.#waiting !== null) this.#send(this.#waiting);
  }

  #take(progress: Progress): void {
    if (performance.now() - this.#at < progressEveryMs) this.#waiting = progress;
    else this.#send(progress);
  }

  #send(progress: Progress): void {
    this.#at = performance.now();
    this.#waiting = null;
    this.#outer.progress({ ...progress, phase: safeText(String(progress.phase), 200) });
  }
}
