import { cancelled } from '@holdfast/api';
import type { Clock } from '../../core/base/clock.ts';

/** A clock that stands still until it is told to move on; sleepers wake in the order of their times. */
export class ManualClock implements Clock {
  #now: number;
  #sleepers: { readonly until: number; readonly wake: () => void }[] = [];

  constructor(startAt = 1_700_000_000_000) {
    this.#now = startAt;
  }

  /** Bound, so that it can be handed over as `now`. */
  readonly now = (): number => this.#now;

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { until: this.#now + ms, wake: resolve };
      const stop = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(cancelled('waiting'));
      };
      if (signal?.aborted) return stop();
      signal?.addEventListener('abort', stop, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  /** Moves time on, waking whoever's time has come. */
  advance(ms: number): void {
    this.#now += ms;
    const due = this.#sleepers.filter((sleeper) => sleeper.until <= this.#now).sort((a, b) => a.until - b.until);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.until > this.#now);
    for (const sleeper of due) sleeper.wake();
  }

  /** How many wait. */
  get sleeping(): number {
    return this.#sleepers.length;
  }
}
