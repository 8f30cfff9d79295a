const freeFailures = 3;
const firstDelayMs = 200;
const maxDelayMs = 5_000;
const forgetOneAfterMs = 10_000;
const maxScore = 60;
const maxKnown = 10_000;

/**
 * What failures cost: the answer to the next failure comes later and later. Only failures wait, so whoever has the right key gets in at once, also
 * from an address that somebody else guesses from.
 */
export class Penalties {
  readonly #scores = new Map<string, { readonly score: number; readonly at: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Failures that have not been forgotten: one is every ten seconds. */
  score(who: string): number {
    const known = this.#scores.get(who);
    return known === undefined ? 0 : Math.max(0, known.score - (this.#now() - known.at) / forgetOneAfterMs);
  }

  failed(who: string): void {
    const score = Math.min(maxScore, this.score(who) + 1);
    this.#scores.delete(who);
    this.#scores.set(who, { score, at: this.#now() });
    if (this.#scores.size > maxKnown) this.#forgetOldest();
  }

  /** How long the next failure of this one has to wait. */
  delayMs(who: string): number {
    const over = this.score(who) - freeFailures;
    return over <= 0 ? 0 : Math.min(maxDelayMs, Math.round(firstDelayMs * 2 ** Math.min(over, 16)));
  }

  #forgetOldest(): void {
    const [oldest] = this.#scores.keys();
    if (oldest !== undefined) this.#scores.delete(oldest);
  }
}
