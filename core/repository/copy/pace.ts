import { setTimeout as wait } from 'node:timers/promises';
import { cancelled } from '@holdfast/api';
import { monotonicNs } from '../data/lanes/monotonic.ts';

/** Holds work down to a limit: whoever wants to move bytes books the time that they take, and waits for its beginning. */
export class Pace {
  readonly #limit: number | null;
  readonly #signal: AbortSignal;
  #next = 0n;

  /** @param limit Bytes a second; `null` for none. */
  constructor(limit: number | null, signal: AbortSignal) {
    this.#limit = limit;
    this.#signal = signal;
  }

  /** Throws `CANCELLED` when the call is cancelled while it waits. */
  async take(bytes: number): Promise<void> {
    if (this.#limit === null) return;
    const now = monotonicNs();
    const begin = this.#next > now ? this.#next : now;
    this.#next = begin + BigInt(Math.round((bytes * 1e9) / this.#limit));
    await this.#waitUntil(begin);
  }

  /** Waits for the end of all that was booked: else many small copies, each of which begins at once, would go as fast as they can. */
  async settle(): Promise<void> {
    await this.#waitUntil(this.#next);
  }

  /** Books what others have moved since a moment, and waits until that has taken its time. */
  async settleFor(bytes: number, sinceNs: bigint): Promise<void> {
    if (this.#limit === null) return;
    await this.#waitUntil(sinceNs + BigInt(Math.round((bytes * 1e9) / this.#limit)));
  }

  async #waitUntil(moment: bigint): Promise<void> {
    const leftMs = Number(moment - monotonicNs()) / 1e6;
    if (leftMs <= 0) return;
    await wait(leftMs, undefined, { signal: this.#signal }).catch(() => {
      throw cancelled('copying');
    });
  }
}
