import type { ServiceShape } from '@holdfast/api';
import type { Handle } from './messages.ts';
import type { ServedCall } from './served-call.ts';
import { shapes } from './shapes.ts';

/** How a remote service reaches the other side. */
export interface Asker {
  ask(on: number, shape: ServiceShape, method: string, args: readonly unknown[]): Promise<unknown>;
  stream(on: number, shape: ServiceShape, method: string, args: readonly unknown[]): AsyncIterable<unknown>;
  tell(on: number, shape: ServiceShape, method: string, args: readonly unknown[]): void;
}

/**
 * A service of the other side, as if it were here. It has exactly the methods that the real one has.
 * @param call For a service that is a `Call` too: the call that is being served.
 */
export function remoteService(name: string, handle: Handle, asker: Asker, call: ServedCall | null): object {
  const shape = shapes.get(name);
  if (shape === undefined) throw new TypeError(`${name} is no service`);
  const service: Record<string, unknown> = { ...handle.data };
  const offered = new Set(handle.methods);
  for (const [method, { gives }] of Object.entries(shape.methods)) {
    if (!offered.has(method)) continue;
    const { on } = handle;
    if (gives === 'at-once') service[method] = (...args: unknown[]) => asker.tell(on, shape, method, args);
    else if (gives === 'stream') service[method] = (...args: unknown[]) => asker.stream(on, shape, method, args);
    else service[method] = (...args: unknown[]) => asker.ask(on, shape, method, args);
  }
  if (call !== null && shape.isCall === true) {
    Object.assign(service, { deadline: call.deadline, who: call.who, log: call.log, progress: call.progress });
    Object.defineProperty(service, 'signal', { get: () => call.signal, enumerable: true });
  }
  if (shape.clock !== undefined) service[shape.clock] = clock(handle.now ?? 0);
  return service;
}

/** The other side's clock: its time when the service was handed over, and what has passed since. */
function clock(nowThere: number): () => number {
  const startedAt = performance.now();
  return () => Math.round(nowThere + performance.now() - startedAt);
}
