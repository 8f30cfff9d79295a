import type { Call, ServiceShape } from '@holdfast/api';
import type { Handle } from './messages.ts';
import { pack } from './pack.ts';
import { shapes } from './shapes.ts';
import { packError } from './wire-error.ts';

/** Services that were handed over together and end together. */
export class Scope {
  readonly handles = new Set<number>();
}

/** A service of this side that the other side may use. */
export interface Exposed {
  readonly name: string;
  readonly shape: ServiceShape;
  readonly target: object;
  readonly scope: Scope;
}

/** What this side has handed over. */
export class Exposures {
  readonly #exposed = new Map<number, Exposed>();
  #last = 0;

  get size(): number {
    return this.#exposed.size;
  }

  get(on: number): Exposed | undefined {
    return this.#exposed.get(on);
  }

  add(name: string, target: object, scope: Scope): Handle {
    const shape = shapes.get(name);
    if (shape === undefined) throw new TypeError(`${name} is no service`);
    this.#last += 1;
    const on = this.#last;
    this.#exposed.set(on, { name, shape, target, scope });
    scope.handles.add(on);
    const read = (key: string): unknown => Reflect.get(target, key);
    return {
      on,
      methods: Object.keys(shape.methods).filter((key) => typeof read(key) === 'function'),
      data: Object.fromEntries(shape.data.map((key) => [key, pack(read(key)).value])),
      ...(shape.isCall === true ? { call: callHead(target as Call) } : {}),
      ...(shape.clock === undefined ? {} : { now: (read(shape.clock) as () => number).call(target) }),
    };
  }

  drop(on: number): void {
    this.#exposed.get(on)?.scope.handles.delete(on);
    this.#exposed.delete(on);
  }

  end(scope: Scope): void {
    for (const on of scope.handles) this.#exposed.delete(on);
    scope.handles.clear();
  }

  clear(): void {
    this.#exposed.clear();
  }
}

export function callHead(call: Call): NonNullable<Handle['call']> {
  const { deadline, who, signal } = call;
  return { deadline, who, ...(signal.aborted ? { aborted: packError(signal.reason) } : {}) };
}
