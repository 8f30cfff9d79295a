const windowMs = 5 * 60 * 1000;

/** Opens after so many crashes within five minutes, so that a plugin that cannot work is left in peace. */
export class CrashCircuit {
  readonly #limit: number;
  readonly #now: () => number;
  #crashes: readonly number[] = [];

  constructor(crashes: number, now: () => number) {
    this.#limit = crashes;
    this.#now = now;
  }

  crashed(): void {
    this.#crashes = [...this.#crashes, this.#now()].slice(-Math.min(this.#limit, 100));
  }

  /** Epoch milliseconds from which the plugin may be started again; `null` when it may now. */
  openUntil(): number | null {
    const [first] = this.#crashes;
    if (first === undefined || this.#crashes.length < this.#limit) return null;
    const until = first + windowMs;
    return until > this.#now() ? until : null;
  }
}
