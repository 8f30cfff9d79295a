import { type Call, isHoldfastError, makeCall } from '@holdfast/api';
import type { Documents } from '../documents/documents.ts';
import { type Lease, type LeaseTerms, takeLease } from './lease.ts';

/** Failures to put a lease that leave little to fear: a collector, too, would have to write to that store first. */
const HARMLESS = ['TARGET_READ_ONLY', 'TARGET_FULL'] as const;

/** A lease outlives its last reader for so long, so that many short reads share one. */
const LINGER_MS = 30_000;

/** One lease, and what has been made sure of since it was taken. */
export interface ReadSession extends AsyncDisposable {
  /** `null` where it is read without one. */
  readonly lease: string | null;
  /** Restore points all of whose chunks were listed under this lease. */
  readonly listed: Set<string>;
  /** Whether a collector took whoever reads for dead, so that it may have removed what is read. */
  isGivenUp(call: Call): Promise<boolean>;
}

interface Held {
  readonly lease: Lease | null;
  readonly listed: Set<string>;
}

/**
 * Holds a lease while somebody reads, so that no collector takes away what is being read. A store that cannot be written, or has no room
 * left, is read without one: a restore must never fail for that.
 */
export class ReadLeases {
  readonly #documents: Documents;
  readonly #terms: LeaseTerms;
  #held: Promise<Held> | null = null;
  #readers = 0;
  #linger: NodeJS.Timeout | null = null;

  constructor(documents: Documents, terms: LeaseTerms) {
    this.#documents = documents;
    this.#terms = terms;
  }

  async hold(call: Call): Promise<ReadSession> {
    this.#readers++;
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#linger = null;
    try {
      const { lease, listed } = await this.#current(call);
      const isGivenUp = async (asking: Call): Promise<boolean> => (await lease?.isGivenUp(asking)) === true;
      return { lease: lease?.id ?? null, listed, isGivenUp, [Symbol.asyncDispose]: async () => this.#release() };
    } catch (failure) {
      this.#release();
      throw failure;
    }
  }

  /** Ends the lease now, if nobody reads. */
  async rest(): Promise<void> {
    if (this.#readers === 0) await this.close();
  }

  /** Ends the lease now. */
  async close(): Promise<void> {
    if (this.#linger !== null) clearTimeout(this.#linger);
    this.#linger = null;
    const held = this.#held;
    this.#held = null;
    const { lease } = (await held?.catch(() => null)) ?? { lease: null };
    await lease?.end(makeCall({ who: 'lease' }));
  }

  async #current(call: Call): Promise<Held> {
    const before = await this.#held?.catch(() => null);
    if (before?.lease?.isLost === true) this.#held = null;
    this.#held ??= this.#take(call);
    const held = this.#held;
    try {
      return await held;
    } catch (failure) {
      if (this.#held === held) this.#held = null;
      throw failure;
    }
  }

  async #take(call: Call): Promise<Held> {
    try {
      return { lease: await takeLease(this.#documents, 'read', this.#terms, call), listed: new Set() };
    } catch (failure) {
      if (!HARMLESS.some((code) => isHoldfastError(failure, code))) throw failure;
      call.log('debug', `reading without a lease: ${String(failure)}`);
      return { lease: null, listed: new Set() };
    }
  }

  #release(): void {
    this.#readers--;
    if (this.#readers > 0 || this.#held === null) return;
    this.#linger = setTimeout(() => void this.close(), LINGER_MS);
    this.#linger.unref();
  }
}
