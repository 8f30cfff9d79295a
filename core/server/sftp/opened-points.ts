import type { OpenPoint, PointEntry, PointSource } from '../point-source.ts';

interface Opened {
  readonly point: Promise<OpenPoint>;
  users: number;
}

/** A restore point in use. */
export interface Lease {
  readonly point: OpenPoint;
  /** Stands for the restore point. */
  readonly key: string;
  /** Idempotent. */
  release(): void;
}

/** Restore points that are open, each once, however many files of it are; some that nobody uses stay open for a while. */
export class OpenedPoints {
  readonly #source: PointSource;
  readonly #unusedLimit: number;
  readonly #onError: (error: unknown) => void;
  /** In order of use, the longest unused first. */
  readonly #opened = new Map<string, Opened>();
  readonly #closing = new Set<Promise<void>>();

  constructor(source: PointSource, onError: (error: unknown) => void, unusedLimit = 4) {
    this.#source = source;
    this.#unusedLimit = unusedLimit;
    this.#onError = onError;
  }

  async use(entry: PointEntry): Promise<Lease> {
    const key = `${entry.target} ${entry.id}`;
    const opened = this.#opened.get(key) ?? { point: this.#source.open(entry), users: 0 };
    this.#opened.delete(key);
    this.#opened.set(key, opened);
    opened.users += 1;
    let isReleased = false;
    const release = (): void => {
      if (isReleased) return;
      isReleased = true;
      opened.users -= 1;
      this.#closeUnused(this.#unusedLimit);
    };
    try {
      return { point: await opened.point, key, release };
    } catch (error) {
      if (this.#opened.get(key) === opened) this.#opened.delete(key);
      throw error;
    }
  }

  async close(): Promise<void> {
    for (const opened of this.#opened.values()) opened.users = 0;
    this.#closeUnused(0);
    await Promise.all(this.#closing);
  }

  #closeUnused(limit: number): void {
    const unused = [...this.#opened].filter(([, { users }]) => users === 0);
    for (const [key, { point }] of unused.slice(0, Math.max(0, unused.length - limit))) {
      this.#opened.delete(key);
      const closing = point.then((open) => open.close()).catch(this.#onError);
      this.#closing.add(closing);
      void closing.finally(() => this.#closing.delete(closing));
    }
  }
}
