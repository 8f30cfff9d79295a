import { type Call, HoldfastError, type LogLevel, type Progress, type ServiceShape } from '@holdfast/api';
import { levelOf } from '../guard/plugin-call.ts';
import { callHead, type Exposures, Scope } from './exposures.ts';
import { type Handle, type Message, windowBytes } from './messages.ts';
import { pack } from './pack.ts';
import { type Asker, remoteService } from './remote-service.ts';
import { isKept } from './shapes.ts';
import { packError, unpackError, type WireError } from './wire-error.ts';

/** Sends a message, with buffers that change hands. */
export type Post = (message: Message, transfer?: readonly ArrayBuffer[]) => void;

interface Asked {
  readonly call: Call | null;
  done(value: unknown): void;
  fail(error: Error): void;
  items?(items: readonly unknown[], costs: readonly number[]): void;
}

/** The side that asks: sends calls, waits for answers, reads streams. */
export class Asking implements Asker {
  readonly #post: Post;
  readonly #exposures: Exposures;
  /** Services that stay with the other side for as long as the connection lives. */
  readonly #kept = new Scope();
  readonly #asked = new Map<number, Asked>();
  /** Told when the first answer begins to be waited for, and when the last has come. */
  readonly #busy: (isBusy: boolean) => void;
  #last = 0;
  #broken: Error | null = null;

  constructor(post: Post, exposures: Exposures, busy: (isBusy: boolean) => void) {
    this.#post = post;
    this.#exposures = exposures;
    this.#busy = busy;
  }

  async ask(on: number, shape: ServiceShape, method: string, args: readonly unknown[]): Promise<unknown> {
    const { gives } = shape.methods[method] ?? missing(method);
    const answer = await this.#exchange(on, shape, method, args);
    return typeof gives === 'object' ? remoteService(gives.service, answer as Handle, this, null) : answer;
  }

  tell(on: number, shape: ServiceShape, method: string, args: readonly unknown[]): void {
    const packed = this.#packArgs(shape, method, args, new Scope());
    if (this.#broken === null) this.#post({ t: 'tell', on, method, args: packed.args }, packed.transfer);
  }

  async *stream(on: number, shape: ServiceShape, method: string, args: readonly unknown[]): AsyncGenerator<unknown> {
    const inbox = new Inbox();
    const answer = this.#exchange(on, shape, method, args, inbox);
    // The inbox hears of the end too; nobody else waits for this promise until then.
    answer.catch(() => {});
    let taken = 0;
    let isOver = false;
    try {
      for (;;) {
        const next = await inbox.next();
        if (next === null) {
          isOver = true;
          await answer;
          return;
        }
        yield next.item;
        taken += next.cost;
        if (taken < windowBytes / 4 || this.#broken !== null) continue;
        this.#post({ t: 'more', id: inbox.id, credit: taken });
        taken = 0;
      }
    } finally {
      if (!isOver && this.#broken === null) {
        this.#post({ t: 'stop', id: inbox.id });
        inbox.discard();
        // The plugin has let go of what it held when the answer is here; how it ended no longer matters.
        await answer.catch(() => {});
      }
    }
  }

  done(id: number, value: unknown): void {
    this.#asked.get(id)?.done(value);
  }

  failed(id: number, error: WireError): void {
    this.#asked.get(id)?.fail(unpackError(error));
  }

  items(id: number, items: readonly unknown[], costs: readonly number[]): void {
    this.#asked.get(id)?.items?.(items, costs);
  }

  note(id: number, level: LogLevel, text: string): void {
    this.#asked.get(id)?.call?.log(levelOf(level), String(text));
  }

  progress(id: number, progress: Progress): void {
    this.#asked.get(id)?.call?.progress(progress);
  }

  /** The other side is gone: nothing will be answered any more. */
  break(error: Error): void {
    this.#broken ??= error;
    for (const asked of [...this.#asked.values()]) asked.fail(this.#broken);
  }

  async #exchange(
    on: number,
    shape: ServiceShape,
    method: string,
    args: readonly unknown[],
    inbox?: Inbox,
  ): Promise<unknown> {
    if (this.#broken !== null) {
      inbox?.end();
      throw this.#broken;
    }
    const scope = new Scope();
    const packed = this.#packArgs(shape, method, args, scope);
    this.#last += 1;
    const id = this.#last;
    if (inbox !== undefined) inbox.id = id;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const abort = (): void => {
      const reason: unknown = packed.call?.signal.reason;
      this.#post({ t: 'abort', id, error: packError(reason) });
    };
    this.#asked.set(id, {
      call: packed.call,
      done: resolve,
      fail: reject,
      ...(inbox === undefined ? {} : { items: (items, costs) => inbox.add(items, costs) }),
    });
    if (this.#asked.size === 1) this.#busy(true);
    try {
      this.#post({ t: 'call', id, on, method, args: packed.args }, packed.transfer);
      // One that had been aborted before has said so with the call itself.
      packed.call?.signal.addEventListener('abort', abort, { once: true });
      return await promise;
    } finally {
      packed.call?.signal.removeEventListener('abort', abort);
      this.#asked.delete(id);
      this.#exposures.end(scope);
      inbox?.end();
      if (this.#asked.size === 0) this.#busy(false);
    }
  }

  #packArgs(
    shape: ServiceShape,
    method: string,
    args: readonly unknown[],
    scope: Scope,
  ): { readonly args: readonly unknown[]; readonly transfer: readonly ArrayBuffer[]; readonly call: Call | null } {
    const { takes } = shape.methods[method] ?? missing(method);
    const transfer: ArrayBuffer[] = [];
    let call: Call | null = null;
    const packed = takes.map((kind, index) => {
      const given = args[index];
      if (kind === 'call') {
        call = given as Call;
        return callHead(call);
      }
      if (typeof kind === 'object') {
        const handle = this.#exposures.add(kind.service, given as object, isKept(kind.service) ? this.#kept : scope);
        if (handle.call !== undefined) call = given as Call;
        return handle;
      }
      const plain = pack(given);
      transfer.push(...plain.transfer);
      return plain.value;
    });
    return { args: packed, transfer, call };
  }
}

/** Items of a stream that have come and were not taken yet. */
class Inbox {
  id = 0;
  #items: { readonly item: unknown; readonly cost: number }[] = [];
  #at = 0;
  #isEnded = false;
  #wake: (() => void) | null = null;

  add(items: readonly unknown[], costs: readonly number[]): void {
    if (this.#isEnded) return;
    items.forEach((item, index) => {
      this.#items.push({ item, cost: costs[index] ?? 0 });
    });
    this.#wake?.();
  }

  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  discard(): void {
    this.#items = [];
    this.#at = 0;
  }

  /** The next item, or `null` when there will be none. */
  async next(): Promise<{ readonly item: unknown; readonly cost: number } | null> {
    for (;;) {
      const next = this.#items[this.#at];
      if (next !== undefined) {
        this.#at += 1;
        if (this.#at === this.#items.length) this.discard();
        return next;
      }
      if (this.#isEnded) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }
}

function missing(method: string): never {
  throw new HoldfastError('INTERNAL', `no service has a method ${method}`);
}
