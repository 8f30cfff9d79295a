type Opened = { close(): Promise<void> };

/** Parts that are opened on first use, each once, and closed together in reverse order. */
export class Parts {
  readonly #open = new Map<string, Promise<unknown>>();
  #closing: (() => Promise<void>)[] = [];

  /** Opens a part once; one that failed to open is tried again next time. */
  once<T>(name: string, open: () => Promise<T>): Promise<T> {
    const known = this.#open.get(name) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const opening = open();
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return opening;
  }

  /** As `once`, of something that is closed with the rest. */
  owned<T extends Opened>(name: string, open: () => Promise<T>): Promise<T> {
    return this.once(name, async () => {
      const part = await open();
      this.#closing.push(() => part.close());
      return part;
    });
  }

  /** Closes what was opened. What is asked for afterwards is opened anew. */
  async close(): Promise<void> {
    const closing = this.#closing.reverse();
    this.#closing = [];
    this.#open.clear();
    const failed: unknown[] = [];
    // One that fails keeps no other open.
    for (const close of closing) await close().catch((problem: unknown) => failed.push(problem));
    if (failed.length > 0) throw failed[0];
  }
}
