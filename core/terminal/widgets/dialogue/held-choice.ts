/** Presses of one key that count as holding it down: keyboards repeat a key some twenty times a second. */
const needed = 20;
/** A longer pause means that the key was let go. Lines are slow at times. */
const longestPauseMs = 1000;
const mouseMs = 1500;

/** A choice that only counts when its key is held down for a while, so that no single press can destroy anything. */
export class HeldChoice {
  readonly #now: () => number;
  #id: string | null = null;
  #presses = 0;
  #lastAt = 0;
  #mouseSince: number | null = null;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** How far this choice has been held, 0 to 1. */
  held(id: string): number {
    return id === this.#id ? Math.min(1, this.#presses / needed) : 0;
  }

  /** One more press. Answers whether it has been held long enough. */
  press(id: string): boolean {
    const now = this.#now();
    if (id !== this.#id || now - this.#lastAt > longestPauseMs) this.#presses = 0;
    this.#id = id;
    this.#lastAt = now;
    this.#presses += 1;
    return this.#presses >= needed;
  }

  mouseDown(id: string): void {
    this.reset();
    this.#id = id;
    this.#mouseSince = this.#now();
  }

  /** Answers whether the button was held long enough. */
  mouseUp(id: string): boolean {
    const since = this.#mouseSince;
    const isLong = id === this.#id && since !== null && this.#now() - since >= mouseMs;
    this.reset();
    return isLong;
  }

  reset(): void {
    this.#id = null;
    this.#presses = 0;
    this.#mouseSince = null;
  }
}
