/** Lets pieces of work on the same thing follow each other. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Does a piece of work when all that came before it on the same thing is over, however it ended. */
  async take<T>(thing: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(thing) ?? Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last.set(thing, promise);
    await before;
    try {
      return await work();
    } finally {
      if (this.#last.get(thing) === promise) this.#last.delete(thing);
      resolve();
    }
  }
}
