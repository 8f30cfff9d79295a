import { hostname } from 'node:os';
import { type Call, HoldfastError, isHoldfastError, makeCall } from '@holdfast/api';
import type { Documents } from '../documents/documents.ts';
import { commitName, endName, leaseName, randomId, renewalName } from '../documents/names.ts';
import { ownHolder } from './holder.ts';
import type { LeaseDocument, LeaseEnd, LeasePurpose } from './lease-document.ts';

/** How leases live. */
export interface LeaseTerms {
  /** Without a renewal for so long, a collector may fence the writer. It is renewed three times in this time. */
  readonly silentAfterMs: number;
  readonly now: () => number;
}

/** A quarter of an hour: long enough for a store that is away for a while, short enough for a collector to wait for. */
export const DEFAULT_SILENT_AFTER_MS = 15 * 60_000;

/**
 * Says to collectors that somebody is reading or writing. It is renewed by a timer for as long as it is held.
 * @see docs/formats/repository.md §9
 */
export class Lease {
  readonly id: string;
  readonly #documents: Documents;
  readonly #content: LeaseDocument;
  readonly #now: () => number;
  readonly #log: Call['log'];
  readonly #timer: NodeJS.Timeout;
  readonly #stopped = new AbortController();
  #renewals = 0;
  #renewing: Promise<void> = Promise.resolve();
  #lost = false;
  #ended: Promise<void> | null = null;

  /** Use `takeLease`: a lease that has not been put is none. */
  constructor(documents: Documents, content: LeaseDocument, now: () => number, log: Call['log']) {
    this.id = content.lease;
    this.#documents = documents;
    this.#content = content;
    this.#now = now;
    this.#log = log;
    this.#timer = setInterval(() => {
      this.#renewing = this.#renewing.then(() => this.renew());
    }, content.silentAfterMs / 3);
    // The process may end while it holds a lease: the collector deals with that.
    this.#timer.unref();
  }

  /** Whether a collector was seen to have fenced this lease. */
  get isLost(): boolean {
    return this.#lost;
  }

  /** Throws `LEASE_LOST` when a collector was seen to have fenced this writer. */
  assertHeld(): void {
    if (!this.#lost) return;
    throw new HoldfastError('LEASE_LOST', `the writer ${this.id} was fenced because it had been silent for too long`);
  }

  /** Puts the next renewal now. A failure is only logged: the next one may do, and the commit decides in any case. */
  async renew(): Promise<void> {
    const call = makeCall({ signal: this.#stopped.signal, who: 'lease', log: this.#log });
    const number = this.#renewals + 1;
    try {
      await this.#documents.put(this.#documents.seal(renewalName(this.id, number), this.#content), call);
      this.#renewals = number;
      for await (const { name } of this.#documents.store.list(commitName(this.id), call)) {
        // Before this writer has committed only a collector puts that.
        if (name === commitName(this.id)) this.#lost = true;
      }
    } catch (failure) {
      if (isHoldfastError(failure, 'OBJECT_EXISTS')) this.#renewals = number;
      else if (!this.#stopped.signal.aborted) {
        this.#log('warn', `the lease ${this.id} could not be renewed: ${String(failure)}`);
      }
    }
  }

  /** Looks into the store whether a collector has given this lease up: then what is read under it may be gone. */
  async isGivenUp(call: Call): Promise<boolean> {
    const { store } = this.#documents;
    for await (const { name } of store.list(commitName(this.id), call))
      if (name === commitName(this.id)) this.#lost = true;
    let isThere = false;
    for await (const { name } of store.list(leaseName(this.id), call)) if (name === leaseName(this.id)) isThere = true;
    // What is gone was over for a collector, whether the fence is still there or not.
    if (!isThere) this.#lost = true;
    return this.#lost;
  }

  /** Stops the timer; called before the commit, which would look like a fence to a renewal. */
  async stopRenewing(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopped.abort();
    await this.#renewing;
  }

  /** Stops the timer and says that it is over. Idempotent; a failure is only logged, since a collector can wait for silence instead. */
  end(call: Call): Promise<void> {
    this.#ended ??= this.#end(call);
    return this.#ended;
  }

  async #end(call: Call): Promise<void> {
    await this.stopRenewing();
    const end: LeaseEnd = { version: 1, lease: this.id, endedAt: this.#now() };
    try {
      // A cancelled call ends its lease too.
      const unhurried = makeCall({ who: call.who, log: call.log });
      await this.#documents.put(this.#documents.seal(endName(this.id), end), unhurried);
    } catch (failure) {
      if (!isHoldfastError(failure, 'OBJECT_EXISTS')) {
        call.log('warn', `the end of lease ${this.id} could not be stored: ${String(failure)}`);
      }
    }
  }
}

/** Puts `leases/<lease>`. From then on no collector removes what is reachable. */
export async function takeLease(
  documents: Documents,
  purpose: LeasePurpose,
  terms: LeaseTerms,
  call: Call,
): Promise<Lease> {
  const content: LeaseDocument = {
    version: 1,
    lease: randomId(),
    purpose,
    host: hostname(),
    pid: process.pid,
    startedAt: terms.now(),
    silentAfterMs: terms.silentAfterMs,
    holder: ownHolder(),
  };
  await documents.put(documents.seal(leaseName(content.lease), content), call);
  return new Lease(documents, content, terms.now, call.log);
}
