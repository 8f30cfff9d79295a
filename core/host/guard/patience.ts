import { type Call, cancelled, HoldfastError } from '@holdfast/api';
import { PluginCall } from './plugin-call.ts';

/** How long a plugin may take to stop after a cancellation or a deadline, in milliseconds. */
export const defaultGraceMs = 10_000;

/**
 * Waits for a plugin's answers within the limits of one call. When the call is cancelled or its deadline passes, the
 * plugin is told by the signal and gets a time of grace to leave a safe state; then the caller stops waiting.
 */
export class Patience implements Disposable {
  /** The call as the plugin gets it: its signal also aborts at the deadline. */
  readonly call: PluginCall;
  readonly #what: string;
  readonly #graceMs: number;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #onAbort: () => void;
  readonly #outer: Call;
  #givenUp: HoldfastError | null = null;
  #reject: ((error: HoldfastError) => void) | null = null;

  constructor(call: Call, what: string, graceMs: number, now: () => number) {
    this.#outer = call;
    this.#what = what;
    this.#graceMs = graceMs;
    this.#onAbort = () => this.#later(this.#graceMs, cancelled(what));
    const { signal, deadline } = call;
    this.call = new PluginCall(call, deadline === null ? signal : this.#untilDeadline(signal, deadline, now));
    if (call.signal.aborted) this.#onAbort();
    else call.signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** The answer, or the reason why it was no longer waited for. */
  async wait<T>(answer: Promise<T>): Promise<T> {
    if (this.#givenUp !== null) throw this.#givenUp;
    return await new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      answer.then(resolve, reject);
    });
  }

  /** The same; an answer that comes when nobody waits for it any more goes to `late`. */
  async waitOr<T>(answer: Promise<T>, late: (answer: T) => Promise<void>): Promise<T> {
    try {
      return await this.wait(answer);
    } catch (thrown) {
      if (thrown === this.#givenUp) answer.then(late).catch(() => {});
      throw thrown;
    }
  }

  [Symbol.dispose](): void {
    this.#outer.signal.removeEventListener('abort', this.#onAbort);
    for (const timer of this.#timers) clearTimeout(timer);
    this.call.flush();
  }

  #untilDeadline(signal: AbortSignal, deadline: number, now: () => number): AbortSignal {
    const controller = new AbortController();
    const timeout = new HoldfastError('TIMEOUT', `${this.#what} did not answer in time`, {
      facts: { what: this.#what },
    });
    this.#after(Math.max(0, deadline - now()), () => {
      controller.abort(timeout);
      this.#later(this.#graceMs, timeout);
    });
    return AbortSignal.any([signal, controller.signal]);
  }

  #later(ms: number, error: HoldfastError): void {
    this.#after(ms, () => {
      this.#givenUp = error;
      this.#reject?.(error);
    });
  }

  #after(ms: number, then: () => void): void {
    this.#timers.push(setTimeout(then, Math.min(ms, 2 ** 31 - 1)));
  }
}
