const window = { crashes: 3, ms: 5 * 60 * 1000 };

/** Opens after three crashes within five minutes, so that a plugin that cannot work is left in peace. */
export class CrashCircuit {
  readonly #now: () => number;
  #crashes: readonly number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  crashed(): void {
    this.#crashes = [...this.#crashes, this.#now()].slice(-window.crashes);
  }

  /** Epoch milliseconds from which the plugin may be started again; `null` when it may now. */
  openUntil(): number | null {
    const [first] = this.#crashes;
    if (first === undefined || this.#crashes.length < window.crashes) return null;
    const until = first + window.ms;
    return until > this.#now() ? until : null;
  }
}
