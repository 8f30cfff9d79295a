import { type Call, makeCall } from '@holdfast/api';
import { member, textOf } from '../live/plain.ts';
import type { Machines } from './machines.ts';
import type { SnapshotRecord } from './records.ts';
import { undoSnapshot } from './undo.ts';

const usualEveryMs = 5_000;
const lookMs = 3_000;

/**
 * Looks after guests whose snapshots are held. One that stands still because a write found no room in scratch goes on at the cost of
 * its snapshot: reading that fails from then on, and the run with it. It works as long as this process does; after that the janitor's release does
 * the same.
 */
export class ScratchGuard {
  readonly #machines: Machines;
  readonly #everyMs: number;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #givenUp = new Set<string>();

  constructor(machines: Machines, everyMs = usualEveryMs) {
    this.#machines = machines;
    this.#everyMs = everyMs;
  }

  /** Begins to look after the machine of a snapshot. */
  watch(record: SnapshotRecord, call: Call): void {
    const later = (): void => {
      const timer = setTimeout(() => {
        void this.#look(record, call).then((isOver) => {
          if (!isOver && this.#timers.has(record.id)) later();
        });
      }, this.#everyMs);
      // A process that has nothing else to do may end.
      this.#timers.set(record.id, timer.unref());
    };
    later();
  }

  /** Whether a snapshot was given up. */
  hasGivenUp(id: string): boolean {
    return this.#givenUp.has(id);
  }

  /** The snapshot is over. */
  end(id: string): void {
    this.forget(id);
    this.#givenUp.delete(id);
  }

  forget(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  close(): void {
    for (const id of [...this.#timers.keys()]) this.forget(id);
  }

  /** Answers whether there is nothing to look after any more. */
  async #look(record: SnapshotRecord, call: Call): Promise<boolean> {
    // The call that took the snapshot may be over; its signal is not that of this.
    const own = makeCall({ log: call.log, who: call.who });
    try {
      const status = await this.#machines.withName(
        record.name,
        async (qmp) => textOf(member(await qmp.execute('query-status'), 'status')),
        own,
        lookMs,
      );
      if (status !== 'io-error' || !this.#timers.has(record.id)) return false;
      this.#givenUp.add(record.id);
      own.log('error', `the ${record.title} is given up: the guest stands still, because scratch has no room`);
      await undoSnapshot(this.#machines, record, { tracking: false }, own);
      this.forget(record.id);
      return true;
    } catch (thrown) {
      own.log('debug', `looking after ${record.name}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      return false;
    }
  }
}
