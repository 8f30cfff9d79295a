import type { Tty, Undo } from '../contract.ts';

/**
 * A terminal that may go away at any time. From then on writing does nothing, whatever the line below would do: some throw from within
 * `write`, some only afterwards. Anyone who writes to a `Tty` can put this around it.
 */
export class GuardedTty implements Tty {
  readonly #tty: Tty;
  readonly #undo: Undo;
  readonly #closed = new Set<() => void>();
  #isDead = false;

  constructor(tty: Tty) {
    this.#tty = tty;
    this.#undo = tty.onClose(() => this.cut());
  }

  get columns(): number {
    return this.#tty.columns;
  }

  get rows(): number {
    return this.#tty.rows;
  }

  get depth(): Tty['depth'] {
    return this.#tty.depth;
  }

  get erasesInColour(): boolean {
    return this.#tty.erasesInColour ?? true;
  }

  /** Whether the person has gone. */
  get isDead(): boolean {
    return this.#isDead;
  }

  get pendingBytes(): number {
    return this.#isDead ? 0 : this.#tty.pendingBytes;
  }

  write(text: string): void {
    if (this.#isDead) return;
    try {
      this.#tty.write(text);
    } catch {
      // The line was cut while nobody looked.
      this.cut();
    }
  }

  onDrain(listener: () => void): Undo {
    return this.#tty.onDrain(listener);
  }

  onData(listener: (bytes: Uint8Array) => void): Undo {
    return this.#tty.onData(listener);
  }

  onResize(listener: () => void): Undo {
    return this.#tty.onResize(listener);
  }

  onClose(listener: () => void): Undo {
    this.#closed.add(listener);
    return () => void this.#closed.delete(listener);
  }

  /** Lets go of the terminal; nothing is written to it any more. */
  release(): void {
    this.#isDead = true;
    this.#undo();
    this.#closed.clear();
  }

  /** The line is dead: tells everyone, once. */
  cut(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#undo();
    for (const listener of [...this.#closed]) listener();
  }
}
