import { setTimeout as wait } from 'node:timers/promises';
import { cancelled } from '@holdfast/api';

/** Time as logic sees it, so that tests can hold it in their hand. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Waits. Throws `CANCELLED` as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal });
    } catch {
      throw cancelled('waiting');
    }
  },
};
