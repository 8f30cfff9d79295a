import { type Call, makeCall } from '@holdfast/api';
import type { Marked } from './marks.ts';
import type { Parts } from './parts.ts';
import { releaseMarked, standsStill } from './release.ts';

const usualEveryMs = 5_000;

/**
 * Looks after guests whose disks are being read. One that stands still because a write found no room in scratch goes on at the cost of its backup:
 * reading that fails from then on, and the run with it. It works as long as this process does; after that the janitor's release does the same.
 */
export class ScratchGuard {
  readonly #parts: Parts;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Begins to look after the machine of a snapshot that runs now. */
  watch(marked: Marked, call: Call): void {
    const { id } = marked.mark;
    // The call that took the snapshot may be over; its signal is not that of this.
    const own = makeCall({ log: call.log, who: call.who });
    const later = (): void => {
      const timer = setTimeout(() => {
        void this.#look(marked, own).then((isOver) => {
          if (isOver) this.end(id);
          else if (this.#timers.has(id)) later();
        });
      }, usualEveryMs);
      // A process that has nothing else to do may end.
      this.#timers.set(id, timer.unref());
    };
    later();
  }

  /** The snapshot is over. */
  end(id: string): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }

  close(): void {
    for (const id of [...this.#timers.keys()]) this.end(id);
  }

  /** Answers whether there is nothing to look after any more. */
  async #look(marked: Marked, call: Call): Promise<boolean> {
    const { id, machine, title } = marked.mark;
    try {
      if (!(await standsStill(this.#parts, machine)) || !this.#timers.has(id)) return false;
      call.log('error', `the ${title} is given up: the guest stands still, because scratch has no room`);
      await releaseMarked(this.#parts, marked);
      return true;
    } catch (thrown) {
      call.log('debug', `looking after the ${title}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
      return false;
    }
  }
}
