import type { Undo } from '../contract.ts';

/** Who wants to be told. */
export class Listeners<T> {
  readonly #listeners: Set<(event: T) => void>;

  constructor(listeners: Iterable<(event: T) => void> = []) {
    this.#listeners = new Set(listeners);
  }

  add(listener: (event: T) => void): Undo {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Those of now: telling them still works after `clear`. */
  copy(): Listeners<T> {
    return new Listeners(this.#listeners);
  }

  tell(event: T): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  clear(): void {
    this.#listeners.clear();
  }
}
