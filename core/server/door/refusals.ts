import type { Plain } from '@holdfast/api';
import type { Actor } from '../../shell/access/contract.ts';
import type { Audit } from '../../shell/audit/contract.ts';
import type { Log } from '../contract.ts';

const eachFor = 5;
const sumEveryMs = 10_000;
const maxAddresses = 1_000;

interface Sum {
  noted: number;
  unwritten: number;
  last: { readonly actor: Actor; readonly facts: Readonly<Record<string, Plain>> } | null;
}

/**
 * Writes refused logins into the audit log. The first five of an address each have an entry; after that ten seconds share one that says how many they
 * were, so that guessing does not fill the disk.
 */
export class Refusals {
  readonly #audit: Audit;
  readonly #log: Log;
  readonly #sums = new Map<string, Sum>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  constructor(audit: Audit, log: Log) {
    this.#audit = audit;
    this.#log = log;
    this.#timer = setInterval(() => this.#writeSums(), sumEveryMs).unref();
  }

  note(actor: Actor, facts: Readonly<Record<string, Plain>>): void {
    // Beyond so many addresses all share one sum.
    const isKnown = this.#sums.has(actor.from) || this.#sums.size < maxAddresses;
    const key = isKnown ? actor.from : '';
    const sum = this.#sums.get(key) ?? { noted: 0, unwritten: 0, last: null };
    this.#sums.set(key, sum);
    sum.noted += 1;
    if (sum.noted <= eachFor && isKnown) this.#write(actor, facts);
    else {
      sum.unwritten += 1;
      sum.last = { actor, facts };
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#writeSums();
    await this.#writing;
  }

  #writeSums(): void {
    for (const [address, sum] of this.#sums) {
      if (sum.last === null) this.#sums.delete(address);
      else this.#write(sum.last.actor, { ...sum.last.facts, times: sum.unwritten });
      sum.unwritten = 0;
      sum.last = null;
    }
  }

  #write(actor: Actor, facts: Readonly<Record<string, Plain>>): void {
    this.#writing = this.#writing
      .then(() => this.#audit.append(actor, 'login.refused', facts))
      .catch((error: unknown) =>
        this.#log('error', `a refused login could not be written to the audit log: ${String(error)}`),
      );
  }
}
