import {
  type Call,
  HoldfastError,
  type MethodShape,
  type ServiceName,
  type ServiceShape,
  services,
} from '@holdfast/api';
import { failureOf } from './failure.ts';
import { Patience } from './patience.ts';

/** What a guard does around the methods of a plugin's services. */
export interface Boundary {
  readonly plugin: string;
  /** For people: the name of the endpoint, target or step. */
  readonly subject: string;
  readonly graceMs: number;
  readonly now: () => number;
  readonly log: (level: 'error', message: string) => void;
  /** Changes arguments on their way in, for example a service that is handed in. */
  readonly admit?: (method: string, args: readonly unknown[]) => readonly unknown[];
  /** Looks at an answer before it is handed on; what it throws takes the answer's place. */
  readonly inspect?: (method: string, args: readonly unknown[], answer: unknown) => void | Promise<void>;
  /** Told once when the service has been closed. */
  readonly closed?: () => void;
}

type Method = (...args: readonly unknown[]) => unknown;

/**
 * A plugin's service as the rest of Holdfast gets it: the same interface, with failures made uniform, limits of time
 * kept, answers checked, and closed at most once. A method that the plugin lacks is lacking here too.
 */
export function guardService<T extends object>(name: ServiceName, service: T, boundary: Boundary): T {
  const shape = services[name];
  demandMethods(name, shape, service, boundary);
  const guarded: Record<string, unknown> = {};
  for (const key of shape.data) guarded[key] = Reflect.get(service, key);
  for (const [key, method] of Object.entries(shape.methods)) {
    const implementation: unknown = Reflect.get(service, key);
    if (typeof implementation !== 'function') continue;
    const call: Method = (...args) => Reflect.apply(implementation, service, args);
    guarded[key] = guardMethod(key, method, call, boundary);
  }
  return guarded as T;
}

/** What the contract does not leave open must be there, or we would fail where the plugin is at fault. */
function demandMethods(name: ServiceName, shape: ServiceShape, service: unknown, boundary: Boundary): void {
  const { plugin, subject } = boundary;
  const isObject = typeof service === 'object' && service !== null;
  const missing = Object.entries(shape.methods)
    .filter(
      ([key, method]) => method.optional !== true && !(isObject && typeof Reflect.get(service, key) === 'function'),
    )
    .map(([key]) => key);
  if (missing.length === 0) return;
  const what = isObject ? `a ${name} without ${missing.join(', ')}` : `no ${name}`;
  throw new HoldfastError('PLUGIN_FAILED', `${plugin} answered ${what} for ${subject}`, {
    facts: { plugin, missing: missing.join(', ') },
  });
}

function guardMethod(key: string, shape: MethodShape, method: Method, boundary: Boundary): Method {
  const what = `${boundary.subject} ${key}`;
  const callAt = shape.takes.findIndex((a) => a === 'call' || (typeof a === 'object' && a.service === 'stepRun'));
  const admit = (args: readonly unknown[]): readonly unknown[] => boundary.admit?.(key, args) ?? args;
  const failure = (thrown: unknown, call: Call | null) =>
    failureOf(thrown, { plugin: boundary.plugin, what, call, log: boundary.log });
  if (shape.ends)
    return once(async (...args) => {
      boundary.closed?.();
      await settle(method, args, callAt, what, boundary, failure);
    });
  if (shape.gives === 'at-once') return (...args) => method(...args);
  if (shape.gives === 'stream') return (...args) => stream(method, admit(args), callAt, what, boundary, failure);
  const { gives } = shape;
  return async (...args) => {
    const answer = await settle(method, admit(args), callAt, what, boundary, failure);
    if (typeof gives === 'object') {
      const { admit: _, inspect: __, closed: ___, ...rest } = boundary;
      return guardService(gives.service, answer as object, rest);
    }
    await boundary.inspect?.(key, args, answer);
    return answer;
  };
}

type Failure = (thrown: unknown, call: Call | null) => Error;

async function settle(
  method: Method,
  args: readonly unknown[],
  callAt: number,
  what: string,
  boundary: Boundary,
  failure: Failure,
): Promise<unknown> {
  const call = args[callAt] as Call | undefined;
  if (call === undefined) {
    try {
      return await method(...args);
    } catch (thrown) {
      throw failure(thrown, null);
    }
  }
  using patience = new Patience(call, `${what} of ${boundary.plugin}`, boundary.graceMs, boundary.now);
  try {
    return await patience.wait(Promise.resolve(method(...withCall(args, callAt, patience))));
  } catch (thrown) {
    throw failure(thrown, patience.call);
  }
}

async function* stream(
  method: Method,
  args: readonly unknown[],
  callAt: number,
  what: string,
  boundary: Boundary,
  failure: Failure,
): AsyncGenerator<unknown> {
  const call = args[callAt] as Call;
  using patience = new Patience(call, `${what} of ${boundary.plugin}`, boundary.graceMs, boundary.now);
  let iterator: AsyncIterator<unknown> | null = null;
  let isOver = false;
  try {
    const iterable = method(...withCall(args, callAt, patience)) as AsyncIterable<unknown>;
    iterator = iterable[Symbol.asyncIterator]();
    for (;;) {
      const next = await patience.wait(iterator.next());
      isOver = next.done === true;
      if (isOver) return;
      yield next.value;
    }
  } catch (thrown) {
    isOver = true;
    throw failure(thrown, patience.call);
  } finally {
    // The reader left early: the plugin lets go of what it holds.
    if (!isOver) await iterator?.return?.();
  }
}

/** The arguments with the call, or the run that is one, as the plugin gets it. */
function withCall(args: readonly unknown[], callAt: number, { call }: Patience): readonly unknown[] {
  const given = args[callAt] as Call;
  // A run has been made of free members before it comes here; a call may be of any class.
  if (!('move' in given)) return args.with(callAt, call);
  const { signal, log, progress } = call;
  return args.with(callAt, { ...given, signal, log, progress });
}

function once(method: (...args: readonly unknown[]) => Promise<void>): Method {
  let done: Promise<void> | null = null;
  return (...args) => {
    done ??= method(...args);
    return done;
  };
}
