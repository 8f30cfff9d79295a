/** Where a question stands. */
export type AskedState = 'idle' | 'asking' | 'there' | 'failed';

/**
 * Something that is asked for and may be long in coming, or never come. One question at a time: who asks during it gets one more after it. What
 * is there stays there while it is asked for again, and when that fails.
 */
export class Asked<T> {
  value: T | null = null;
  /** What the last question failed with; `null` when it did not. */
  error: unknown = null;
  /** When the question that is open now was asked; `null` when none is. */
  askedAt: number | null = null;
  readonly #ask: (signal: AbortSignal) => Promise<T>;
  readonly #now: () => number;
  readonly #onChange: () => void;
  #call: AbortController | null = null;
  #again = false;
  #isClosed = false;

  constructor(ask: (signal: AbortSignal) => Promise<T>, now: () => number, onChange: () => void) {
    this.#ask = ask;
    this.#now = now;
    this.#onChange = onChange;
  }

  get state(): AskedState {
    if (this.error !== null) return 'failed';
    if (this.value !== null) return 'there';
    return this.#call === null ? 'idle' : 'asking';
  }

  /** Asks, or asks once more after the question that is open. */
  refresh(): void {
    if (this.#isClosed) return;
    if (this.#call !== null) {
      this.#again = true;
      return;
    }
    const call = new AbortController();
    this.#call = call;
    this.askedAt = this.#now();
    this.#answer(call).catch(() => {});
    this.#onChange();
  }

  /** Gives up what is open and asks anew: for a question that seems to hang. */
  restart(): void {
    this.#drop();
    this.error = null;
    this.refresh();
  }

  /** Gives up the question that is open; nothing is asked from then on. */
  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #drop(): void {
    this.#call?.abort();
    this.#call = null;
    this.#again = false;
  }

  async #answer(call: AbortController): Promise<void> {
    try {
      const value = await this.#ask(call.signal);
      if (this.#call !== call) return;
      this.value = value;
      this.error = null;
    } catch (problem) {
      if (this.#call !== call) return;
      this.error = problem ?? new Error('nothing was said');
    }
    this.#call = null;
    this.askedAt = null;
    this.#onChange();
    if (!this.#again) return;
    this.#again = false;
    this.refresh();
  }
}
