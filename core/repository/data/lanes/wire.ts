import { HoldfastError, isHoldfastError } from '../../../api/errors.ts';

/** What a thread can be asked: by name, with an argument and an answer that structured cloning carries. */
export type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

/** An answer with buffers that are handed over, not copied. */
export class Handover {
  readonly value: unknown;
  readonly buffers: readonly ArrayBuffer[];
  constructor(value: unknown, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

/** Both ends of a channel between threads. */
export interface Port {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  on(event: 'message', listener: (message: Message) => void): unknown;
}

export type Message =
  | { readonly kind: 'ask'; readonly number: number; readonly what: string; readonly argument: never }
  | { readonly kind: 'tell'; readonly what: string; readonly argument: never }
  | { readonly kind: 'answer'; readonly number: number; readonly value: unknown }
  | { readonly kind: 'refusal'; readonly number: number; readonly error: FlatError };

interface FlatError {
  readonly known: boolean;
  readonly code: string;
  readonly message: string;
  readonly remedy: string | undefined;
  readonly facts: HoldfastError['facts'];
  readonly stack: string | undefined;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (cause: unknown) => void;
}

/** Questions and answers over a channel, in both directions. */
export class Wire {
  readonly #port: Port;
  readonly #handlers: Handlers;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #dead: unknown = null;

  constructor(port: Port, handlers: Handlers) {
    this.#port = port;
    this.#handlers = handlers;
    port.on('message', (message) => this.#receive(message));
  }

  /** Asks and waits for the answer. Rejects with what the other side threw, or with what `fail` was given. */
  ask<T>(what: string, argument: unknown, handOver: readonly ArrayBuffer[] = []): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#dead !== null) {
        reject(this.#dead);
        return;
      }
      const number = this.#next++;
      this.#waiting.set(number, { resolve: resolve as Waiting['resolve'], reject });
      this.#port.postMessage({ kind: 'ask', number, what, argument }, handOver);
    });
  }

  /** Says something that wants no answer. */
  tell(what: string, argument: unknown, handOver: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage({ kind: 'tell', what, argument }, handOver);
  }

  /** The other side is gone: whoever waits, now or later, gets this. */
  fail(cause: unknown): void {
    this.#dead = cause;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(cause);
  }

  #receive(message: Message): void {
    if (message.kind === 'answer') this.#take(message.number)?.resolve(message.value as never);
    else if (message.kind === 'refusal') this.#take(message.number)?.reject(unflatten(message.error));
    else if (message.kind === 'tell') this.#handle(message.what, message.argument);
    else void this.#answer(message.number, message.what, message.argument);
  }

  #take(number: number): Waiting | undefined {
    const waiting = this.#waiting.get(number);
    this.#waiting.delete(number);
    return waiting;
  }

  #handle(what: string, argument: never): unknown {
    const handler = this.#handlers[what];
    if (handler === undefined) throw new Error(`a thread was asked for ${what}, which it cannot do`);
    return handler(argument);
  }

  async #answer(number: number, what: string, argument: never): Promise<void> {
    try {
      const value = await this.#handle(what, argument);
      if (value instanceof Handover)
        this.#port.postMessage({ kind: 'answer', number, value: value.value }, value.buffers);
      else this.#port.postMessage({ kind: 'answer', number, value });
    } catch (thrown) {
      this.#port.postMessage({ kind: 'refusal', number, error: flatten(thrown) });
    }
  }
}

/** Structured cloning loses the code of an error. */
function flatten(thrown: unknown): FlatError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const known = isHoldfastError(error);
  return {
    known,
    code: known ? error.code : 'INTERNAL',
    message: error.message,
    remedy: known ? error.remedy : undefined,
    facts: known ? error.facts : {},
    stack: error.stack,
  };
}

function unflatten(flat: FlatError): Error {
  const remedy = flat.remedy === undefined ? {} : { remedy: flat.remedy };
  const error = flat.known
    ? new HoldfastError(flat.code as HoldfastError['code'], flat.message, { ...remedy, facts: flat.facts })
    : new Error(flat.message);
  if (flat.stack !== undefined) error.stack = flat.stack;
  return error;
}
