import type { Bindings, Resolution } from './bindings.ts';
import { keyName } from './key-name.ts';
import type { Context } from './when.ts';

/** What became of a key. `lost`: the second of two in a row that no binding knows; it does nothing. */
export type Pressed = Resolution | { readonly kind: 'lost'; readonly keys: readonly string[] };

/** Puts keys that are pressed one after the other together. Escape takes the first one back. */
export class Chord {
  readonly #bindings: () => Bindings;
  #first: string | null = null;

  constructor(bindings: () => Bindings) {
    this.#bindings = bindings;
  }

  /** The first of two keys that has been pressed, to be shown in the status bar; `null` while none waits. */
  get waiting(): string | null {
    return this.#first;
  }

  cancel(): void {
    this.#first = null;
  }

  press(name: string, context: Context): Pressed {
    const key = keyName(name);
    const first = this.#first;
    if (first === null) {
      const start = this.#bindings().resolve([key], context);
      if (start.kind === 'waits') this.#first = key;
      return start;
    }
    this.#first = null;
    const keys = [first, key];
    if (key === 'escape') return { kind: 'lost', keys };
    const end = this.#bindings().resolve(keys, context);
    return end.kind === 'runs' ? end : { kind: 'lost', keys };
  }
}
