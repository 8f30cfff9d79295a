const warnBeforeMs = 60_000;

/** Notices that nothing has happened for so long. Work under way is not nothing. */
export class IdleWatch {
  readonly #idleMs: number;
  readonly #onIdle: () => void;
  readonly #timer: NodeJS.Timeout | null;
  readonly #warning: NodeJS.Timeout | null;
  #busy = 0;

  /** @param idleMs 0 for never. */
  constructor(idleMs: number, onSoon: () => void, onIdle: () => void) {
    this.#idleMs = idleMs;
    this.#onIdle = onIdle;
    this.#timer = idleMs > 0 ? setTimeout(() => this.#over(), idleMs).unref() : null;
    this.#warning =
      idleMs > warnBeforeMs * 2 ? setTimeout(() => this.#soon(onSoon), idleMs - warnBeforeMs).unref() : null;
  }

  get idleMs(): number {
    return this.#idleMs;
  }

  /** Somebody did something. */
  touch(): void {
    this.#timer?.refresh();
    this.#warning?.refresh();
  }

  /** Work begins; what is answered ends it. */
  work(): () => void {
    this.#busy += 1;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#busy -= 1;
      this.touch();
    };
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#warning !== null) clearTimeout(this.#warning);
  }

  #soon(onSoon: () => void): void {
    if (this.#busy === 0) onSoon();
  }

  #over(): void {
    if (this.#busy === 0) this.#onIdle();
    else this.touch();
  }
}
