import { quiet } from './virtual-process.ts';

/** Something that happens at a time. */
export interface Happening {
  readonly dueMs: number;
  cancel(): void;
}

/** To whom something happens: it may be held up, or be no more. */
export interface Party {
  readonly isDead: boolean;
  readonly isStopped: boolean;
}

interface Entry extends Happening {
  readonly order: number;
  readonly party: Party | null;
  readonly run: () => void;
}

/** All that happens in a simulated world, one thing after the other, each when everybody waits for it. */
export class Scheduler {
  #nowMs = 0;
  #order = 0;
  #entries: Entry[] = [];
  /** What is due for who is stopped. */
  #held: Entry[] = [];
  happened = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** @param party To whom it happens; `null` when it happens to the store. */
  after(ms: number, party: Party | null, run: () => void): Happening {
    const entry: Entry = {
      dueMs: this.#nowMs + ms,
      order: this.#order++,
      party,
      run,
      cancel: () => {
        this.#entries = this.#entries.filter((other) => other !== entry);
        this.#held = this.#held.filter((other) => other !== entry);
      },
    };
    this.#insert(entry);
    return entry;
  }

  /** Who was stopped goes on. */
  release(party: Party): void {
    const mine = this.#held.filter((entry) => entry.party === party);
    this.#held = this.#held.filter((entry) => entry.party !== party);
    for (const entry of mine) this.#insert(entry);
  }

  /** Lets time pass, up to the next thing that happens. */
  advance(ms: number): void {
    this.#nowMs = Math.max(
      this.#nowMs,
      Math.min(this.#nowMs + ms, this.#entries[0]?.dueMs ?? Number.POSITIVE_INFINITY),
    );
  }

  /** What happens next, and all that comes of it at once. Answers `false` when nothing is left to happen before that time. */
  async step(untilMs = Number.POSITIVE_INFINITY): Promise<boolean> {
    for (;;) {
      const next = this.#entries[0];
      if (next === undefined || next.dueMs > untilMs) return false;
      this.#entries.shift();
      if (next.party?.isDead === true) continue;
      if (next.party?.isStopped === true) {
        this.#held.push(next);
        continue;
      }
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      this.happened++;
      next.run();
      await quiet();
      return true;
    }
  }

  #insert(entry: Entry): void {
    let at = this.#entries.length;
    while (at > 0 && isBefore(entry, this.#entries[at - 1] as Entry)) at--;
    this.#entries.splice(at, 0, entry);
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
