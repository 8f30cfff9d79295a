import { isHoldfastError } from '@holdfast/api';
import type { Lease, LeaseStore } from '../../catalog/contract.ts';

/** The lease of whoever runs the schedules of an installation. */
export const leaseName = 'scheduler';

/** The right to run schedules, kept alive until it is given back. What is written in its name carries the lease, so that one who lost it writes nothing. */
export class Leadership implements AsyncDisposable {
  readonly #leases: LeaseStore;
  readonly #leaseMs: number;
  readonly #now: () => number;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  #lease: Lease;
  #renewing: Promise<void> = Promise.resolve();

  private constructor(leases: LeaseStore, lease: Lease, leaseMs: number, now: () => number) {
    this.#leases = leases;
    this.#lease = lease;
    this.#leaseMs = leaseMs;
    this.#now = now;
    this.#timer = setInterval(() => {
      this.#renewing = this.#renewing.then(() => this.#renew());
    }, leaseMs / 3);
  }

  /** `null` while somebody else leads. */
  static async take(
    leases: LeaseStore,
    holder: string,
    leaseMs: number,
    now: () => number,
  ): Promise<Leadership | null> {
    const lease = await leases.take(leaseName, holder, leaseMs);
    return lease === null ? null : new Leadership(leases, lease, leaseMs, now);
  }

  get lease(): Lease {
    return this.#lease;
  }

  /** Aborts when somebody else leads. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Says that a write was refused: somebody else leads. */
  giveUp(): void {
    this.#lost.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    // Taken over meanwhile, or the catalog is gone: it runs out by itself.
    await this.#leases.release(this.#lease).catch(() => {});
  }

  async #renew(): Promise<void> {
    if (this.#lost.signal.aborted) return;
    try {
      this.#lease = await this.#leases.renew(this.#lease, this.#leaseMs);
    } catch (problem) {
      // A catalog that is busy for a moment costs nothing as long as the lease has not run out.
      if (isHoldfastError(problem, 'FENCED') || this.#now() >= this.#lease.expiresAt) this.#lost.abort();
    }
  }
}
