/** What a heartbeat needs, and what it does. */
export interface HeartbeatOptions {
  readonly everyMs: number;
  /** Pings without an answer after which the plugin counts as stuck. */
  readonly misses: number;
  /** Memory that a plugin may hold, in bytes. */
  readonly maxMemoryBytes: number;
  readonly ping: (n: number) => void;
  /** Memory of the whole process, in bytes. */
  readonly processMemoryBytes: () => number;
  /** Called once, with the reason in words. */
  readonly stuck: (reason: string) => void;
}

const watchEveryMs = 100;

/**
 * Asks a plugin's thread for a sign of life. A thread that is too busy to answer cannot be asked for its memory either:
 * while an answer is missing, the growth of the whole process stands for it.
 */
export class Heartbeat implements Disposable {
  readonly #options: HeartbeatOptions;
  readonly #pinging: NodeJS.Timeout;
  #watching: NodeJS.Timeout | null = null;
  #sent = 0;
  #answered = 0;
  #memoryAtPing = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    // It never keeps a process alive that has nothing else to do.
    this.#pinging = setInterval(() => this.#beat(), options.everyMs).unref();
  }

  pong(n: number, memoryBytes: number): void {
    this.#answered = Math.max(this.#answered, n);
    this.#unwatch();
    if (memoryBytes > this.#options.maxMemoryBytes) this.#stuck(`it holds ${inMiB(memoryBytes)} MiB of memory`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#pinging);
    this.#unwatch();
  }

  #beat(): void {
    const missed = this.#sent - this.#answered;
    if (missed >= this.#options.misses) {
      this.#stuck(`it gave no sign of life for ${(missed * this.#options.everyMs) / 1000} s`);
      return;
    }
    this.#sent += 1;
    this.#options.ping(this.#sent);
    if (this.#watching !== null) return;
    this.#memoryAtPing = this.#options.processMemoryBytes();
    this.#watching = setInterval(() => this.#watch(), watchEveryMs).unref();
  }

  #watch(): void {
    const grown = this.#options.processMemoryBytes() - this.#memoryAtPing;
    if (grown > this.#options.maxMemoryBytes) {
      this.#stuck(`it gave no sign of life while ${inMiB(grown)} MiB of memory went`);
    }
  }

  #unwatch(): void {
    if (this.#watching !== null) clearInterval(this.#watching);
    this.#watching = null;
  }

  #stuck(reason: string): void {
    this[Symbol.dispose]();
    this.#options.stuck(reason);
  }
}

const inMiB = (bytes: number): number => Math.round(bytes / 1024 / 1024);
