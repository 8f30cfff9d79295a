import { AsyncLocalStorage } from 'node:async_hooks';

type End = (error: unknown) => void;

/** Knows in whose work something is thrown, also later, out of a timer: so that it ends that session and not the server. */
export class Scope {
  readonly #storage = new AsyncLocalStorage<End>();

  /** Does work of one session, with all that comes of it. */
  run<T>(end: End, work: () => T): T {
    return this.#storage.run(end, work);
  }

  /** Ends the session in whose work this is called; `false` outside of any. */
  blame(error: unknown): boolean {
    const end = this.#storage.getStore();
    if (end === undefined) return false;
    end(error);
    return true;
  }
}
