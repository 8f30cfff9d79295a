import { HoldfastError, type MethodShape } from '@holdfast/api';
import type { Post } from './asking.ts';
import type { Exposed, Exposures } from './exposures.ts';
import { type CallHead, type Handle, windowBytes } from './messages.ts';
import { pack } from './pack.ts';
import { type Asker, remoteService } from './remote-service.ts';
import { ServedCall } from './served-call.ts';
import { packError, unpackError, type WireError } from './wire-error.ts';

/** Calls that one side may have open on the other. */
const maxServed = 1000;
const batchItems = 64;
const batchBytes = 256 * 1024;

interface Served {
  readonly call: ServedCall;
  credit: number;
  isStopped: boolean;
  wake: (() => void) | null;
}

/** The side that serves: runs what the other side calls on services that were handed over. */
export class Serving {
  readonly #post: Post;
  readonly #exposures: Exposures;
  readonly #asker: Asker;
  readonly #served = new Map<number, Served>();

  constructor(post: Post, exposures: Exposures, asker: Asker) {
    this.#post = post;
    this.#exposures = exposures;
    this.#asker = asker;
  }

  /** Answers with `done`, with `fail`, or with `items` and then one of the two. Never throws. */
  async call(id: number, on: number, method: string, args: readonly unknown[]): Promise<void> {
    try {
      const { exposed, shape, run } = this.#find(on, method);
      if (this.#served.size >= maxServed) throw tooMany();
      const call = new ServedCall(id, headOf(shape, args), (message) => this.#post(message));
      const served: Served = { call, credit: windowBytes, isStopped: false, wake: null };
      this.#served.set(id, served);
      const unpacked = this.#unpackArgs(shape, args, call);
      const answer = run(unpacked);
      if (shape.gives === 'stream') {
        await this.#pump(id, served, answer as AsyncIterable<unknown>);
        call.finish();
        this.#post({ t: 'done', id, value: undefined });
        return;
      }
      const value: unknown = await answer;
      call.finish();
      if (typeof shape.gives === 'object')
        this.#post({ t: 'done', id, value: this.#handOver(shape.gives.service, value, exposed) });
      else {
        const packed = pack(value);
        this.#post({ t: 'done', id, value: packed.value }, packed.transfer);
      }
      if (shape.ends === true) this.#exposures.drop(on);
    } catch (thrown) {
      this.#served.get(id)?.call.finish();
      this.#post({ t: 'fail', id, error: packError(thrown) });
    } finally {
      this.#served.delete(id);
    }
  }

  /** What comes after its service has ended is let go: a plugin may tell something while its call ends. */
  tell(on: number, method: string, args: readonly unknown[]): void {
    if (this.#exposures.get(on) !== undefined) this.#find(on, method).run(args);
  }

  abort(id: number, error: WireError): void {
    this.#served.get(id)?.call.abort(unpackError(error));
    this.#wake(id);
  }

  more(id: number, credit: number): void {
    const served = this.#served.get(id);
    if (served !== undefined) served.credit += credit;
    this.#wake(id);
  }

  /** The reader wants no more. Whatever the stream waits for is given up. */
  stop(id: number): void {
    const served = this.#served.get(id);
    if (served === undefined) return;
    served.isStopped = true;
    served.call.abort(new HoldfastError('CANCELLED', 'the reader of a stream wants no more'));
    this.#wake(id);
  }

  /** The other side is gone. */
  break(error: Error): void {
    for (const [id, served] of this.#served) {
      served.isStopped = true;
      served.call.abort(error);
      this.#wake(id);
    }
  }

  #wake(id: number): void {
    this.#served.get(id)?.wake?.();
  }

  /** Sends a stream in batches, as fast as the reader takes it. */
  async #pump(id: number, served: Served, iterable: AsyncIterable<unknown>): Promise<void> {
    const iterator = iterable[Symbol.asyncIterator]();
    let isOver = false;
    let batch = new Batch();
    let flushing: NodeJS.Immediate | null = null;
    const flush = (): void => {
      if (flushing !== null) clearImmediate(flushing);
      flushing = null;
      if (batch.items.length === 0) return;
      this.#post({ t: 'items', id, items: batch.items, costs: batch.costs }, batch.transfer);
      batch = new Batch();
    };
    try {
      while (!served.isStopped) {
        const next = await iterator.next();
        isOver = next.done === true;
        if (isOver) break;
        served.credit -= batch.add(next.value);
        if (batch.isFull || served.credit <= 0) flush();
        // What comes at once travels together; what comes late does not wait for company.
        else flushing ??= setImmediate(flush);
        while (served.credit <= 0 && !served.isStopped && !served.call.signal.aborted) {
          await new Promise<void>((resolve) => {
            served.wake = resolve;
          });
          served.wake = null;
        }
      }
    } catch (thrown) {
      isOver = true;
      if (!served.isStopped) throw thrown;
    } finally {
      flush();
      if (!isOver) await iterator.return?.();
    }
  }

  #handOver(name: string, value: unknown, from: Exposed): Handle {
    if (typeof value !== 'object' || value === null)
      throw new TypeError(`${name} is ${value === null ? 'null' : typeof value}`);
    return this.#exposures.add(name, value, from.scope);
  }

  #find(
    on: number,
    method: string,
  ): { readonly exposed: Exposed; readonly shape: MethodShape; readonly run: (args: readonly unknown[]) => unknown } {
    const exposed = this.#exposures.get(on);
    if (exposed === undefined) {
      throw new HoldfastError('PLUGIN_FAILED', `${method} was called on something that has been closed`);
    }
    const { methods } = exposed.shape;
    const shape = Object.hasOwn(methods, method) ? methods[method] : undefined;
    const implementation: unknown = shape === undefined ? undefined : Reflect.get(exposed.target, method);
    if (shape === undefined || typeof implementation !== 'function') {
      throw new HoldfastError('UNSUPPORTED', `${exposed.name} has no method ${method}`);
    }
    return { exposed, shape, run: (args) => Reflect.apply(implementation, exposed.target, args) };
  }

  #unpackArgs(shape: MethodShape, args: readonly unknown[], call: ServedCall): readonly unknown[] {
    return shape.takes.map((kind, index) => {
      if (kind === 'call') return call;
      if (typeof kind === 'object') return remoteService(kind.service, args[index] as Handle, this.#asker, call);
      return args[index];
    });
  }
}

class Batch {
  readonly items: unknown[] = [];
  readonly costs: number[] = [];
  readonly transfer: ArrayBuffer[] = [];
  #sizeBytes = 0;

  get isFull(): boolean {
    return this.items.length >= batchItems || this.#sizeBytes >= batchBytes;
  }

  /** Answers what the item costs. */
  add(item: unknown): number {
    const packed = pack(item);
    this.items.push(packed.value);
    this.costs.push(packed.sizeBytes);
    this.transfer.push(...packed.transfer);
    this.#sizeBytes += packed.sizeBytes;
    return packed.sizeBytes;
  }
}

/** Deadline and asker of a call, whether they came as a `Call` or with a service that is one. */
function headOf(shape: MethodShape, args: readonly unknown[]): CallHead {
  for (const [index, kind] of shape.takes.entries()) {
    if (kind === 'call') return args[index] as CallHead;
    if (typeof kind === 'object') {
      const { call } = args[index] as Handle;
      if (call !== undefined) return call;
    }
  }
  return { deadline: null, who: 'system' };
}

const tooMany = (): HoldfastError =>
  new HoldfastError('PLUGIN_FAILED', `more than ${maxServed} calls were open at once`);
