import { type Call, HoldfastError, makeCall } from '@holdfast/api';

/** How long a service may take to close, in milliseconds. */
const closeLimitMs = 10_000;

/** Something that a plugin opened. */
export interface Closable {
  close(call: Call): Promise<void>;
}

interface Opened {
  readonly plugin: string;
  readonly service: Promise<Closable>;
}

/** Services that are open: each is opened once for each key, and again after it has been closed or has failed to open. */
export class OpenedServices {
  readonly #opened = new Map<string, Opened>();
  readonly #now: () => number;
  #isClosed = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * The open service of this key, or what `open` gives.
   * @param open Gets what to call when the service has been closed.
   */
  async get<T extends Closable>(key: string, plugin: string, open: (closed: () => void) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new HoldfastError('PLUGIN_FAILED', 'the plugin host has been closed');
    const known = this.#opened.get(key);
    if (known !== undefined) return (await known.service) as T;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const entry: Opened = { plugin, service: promise };
    const forget = (): void => {
      if (this.#opened.get(key) === entry) this.#opened.delete(key);
    };
    this.#opened.set(key, entry);
    open(forget).then(resolve, (thrown: unknown) => {
      forget();
      reject(thrown);
    });
    return await promise;
  }

  /** The plugin's worker is gone, and all that it opened with it. */
  forgetAllOf(plugin: string): void {
    for (const [key, entry] of this.#opened) if (entry.plugin === plugin) this.#opened.delete(key);
  }

  /** Closes all, the last one first. Nothing can be opened any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const opened = [...this.#opened.values()].reverse();
    this.#opened.clear();
    for (const { service } of opened) {
      try {
        await (await service).close(makeCall({ deadline: this.#now() + closeLimitMs }));
      } catch {
        // Whatever went wrong was said where the service was used, or is in the log.
      }
    }
  }
}
