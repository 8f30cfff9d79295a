import { type Call, cancelled } from '@holdfast/api';

/** Lets one piece of work in at a time, in the order in which they came. */
export class Turnstile {
  #last: Promise<unknown> = Promise.resolve();

  /** Throws `CANCELLED` at once when the call is cancelled before its turn has come. */
  async pass<T>(work: () => Promise<T>, call: Call): Promise<T> {
    const before = this.#last;
    let leave: () => void = () => {};
    this.#last = new Promise<void>((resolve) => {
      leave = resolve;
    });
    try {
      await turnOrAbort(before, call.signal);
    } catch (cause) {
      // Whoever comes next still waits for the one before.
      void before.then(leave);
      throw cause;
    }
    try {
      return await work();
    } finally {
      leave();
    }
  }
}

async function turnOrAbort(turn: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let stop: () => void = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(cancelled('waiting for another writer'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    await Promise.race([turn, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
