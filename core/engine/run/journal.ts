import type { LogLevel, Reason } from '@holdfast/api';
import type { JobStore, LogLine } from '../../catalog/contract.ts';
import { safeText } from '../../model/text/safe-text.ts';

/** Lines that are kept of one run; a step that floods its log must not fill the catalog. */
const mostLines = 10_000;

/**
 * What a run says of itself, on its way to the catalog. Writing down is not waited for by the one who speaks: it is flushed with every
 * heartbeat and at the end.
 */
export class Journal {
  readonly #jobs: JobStore;
  readonly #run: string;
  readonly #now: () => number;
  readonly #echo: (level: LogLevel, message: string) => void;
  #lines: LogLine[] = [];
  #reasons: Reason[] = [];
  #count = 0;
  #flushing: Promise<void> = Promise.resolve();

  /** @param echo Hears each line too, for whoever waits for the run. */
  constructor(jobs: JobStore, run: string, now: () => number, echo: (level: LogLevel, message: string) => void) {
    this.#jobs = jobs;
    this.#run = run;
    this.#now = now;
    this.#echo = echo;
  }

  log(level: LogLevel, message: string): void {
    const text = safeText(message);
    this.#echo(level, text);
    this.#count += 1;
    if (this.#count > mostLines) return;
    if (this.#count < mostLines) this.#lines.push({ at: this.#now(), level, text });
    else
      this.#lines.push({ at: this.#now(), level: 'warn', text: `more than ${mostLines} lines: the rest is not kept` });
  }

  because(reason: Reason): void {
    this.#reasons.push({ decision: safeText(reason.decision), because: safeText(reason.because) });
  }

  /** Writes down what was said so far; calls follow one another. */
  flush(): Promise<void> {
    const next = this.#flushing.then(() => this.#write());
    this.#flushing = next.catch(() => {});
    return next;
  }

  async #write(): Promise<void> {
    const lines = this.#lines;
    const reasons = this.#reasons;
    this.#lines = [];
    this.#reasons = [];
    try {
      for (let reason = reasons.shift(); reason !== undefined; reason = reasons.shift())
        await this.#jobs.because(this.#run, reason);
      if (lines.length > 0) await this.#jobs.log(this.#run, lines);
    } catch (problem) {
      this.#lines = [...lines, ...this.#lines];
      this.#reasons = [...reasons, ...this.#reasons];
      throw problem;
    }
  }
}
