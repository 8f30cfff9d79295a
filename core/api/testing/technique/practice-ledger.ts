import type { Call, Plain } from '../../call.ts';
import { HoldfastError, throwIfCancelled } from '../../errors.ts';
import type { Intent } from '../../technique.ts';

/** What a world of practice writes down, and where it can be made to fail. */
export class PracticeLedger {
  /** Every call that reached the world, in order, for example `snapshot m-1`. */
  readonly calls: string[] = [];
  readonly intents = new Map<string, Intent>();
  readonly reasons: string[] = [];
  checkpoint: Plain = null;
  #ids = 0;
  #failAt: number | null = null;

  /** The call with this number, from 0, and all after it fail as if the process had died. `null`: none. */
  dieAt(call: number | null): void {
    this.#failAt = call;
  }

  /** Writes a call down. */
  enter(what: string, call: Call | null): void {
    if (call !== null) throwIfCancelled(call.signal, what);
    if (this.#failAt !== null && this.calls.length >= this.#failAt) throw new Died();
    this.calls.push(what);
  }

  nextId(kind: string): string {
    this.#ids += 1;
    return `${kind}-${this.#ids}`;
  }
}

/** The process that ran a step is gone: nothing that the step catches here would have run. */
export class Died extends HoldfastError {
  constructor() {
    super('WORKER_LOST', 'the process that ran the step has died');
  }
}
