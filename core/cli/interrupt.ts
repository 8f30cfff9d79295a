/** Signals that ask the program to stop. */
const stopping: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** A launcher passes on what the terminal has already sent: the same key press twice. */
const samePressMs = 150;

/** Turns signals into a cancellation: the first one asks for a safe stop, the second one ends the process at once. */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #hasLauncher: boolean;
  readonly #now: () => number;
  readonly #onSignal: () => void;
  readonly #tell: () => void;
  #firstAt: number | null = null;

  /** @param tell Called once, at the first signal: says that the work is being brought to a safe stop. */
  constructor(tell: () => void, hasLauncher: boolean, now: () => number) {
    this.#tell = tell;
    this.#hasLauncher = hasLauncher;
    this.#now = now;
    this.#onSignal = () => this.press();
    for (const signal of stopping) process.on(signal, this.#onSignal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** As if a stopping signal had arrived; a prompt in raw mode calls this for Ctrl-C. */
  press(): void {
    const now = this.#now();
    if (this.#firstAt === null) {
      this.#firstAt = now;
      this.#tell();
      this.#controller.abort();
    } else if (!(this.#hasLauncher && now - this.#firstAt < samePressMs)) {
      process.exit(130);
    }
  }

  [Symbol.dispose](): void {
    for (const signal of stopping) process.removeListener(signal, this.#onSignal);
  }
}
