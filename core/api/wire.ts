import type { GuestChannel, Hypervisor } from './hypervisor.ts';
import type { MediaLibrary, TapeDrive } from './media.ts';
import type { Notifier } from './notifier.ts';
import type { Opening } from './plugin.ts';
import type { ObjectStore } from './target.ts';
import type { MediaHandle, PlanFacts, RepositoryHandle, Slot, Step, StepRun } from './technique.ts';

/** The service interfaces that may cross the boundary between host and plugin. Everything else is plain data. */
export type ServiceName =
  | 'hypervisor'
  | 'guestChannel'
  | 'objectStore'
  | 'mediaLibrary'
  | 'tapeDrive'
  | 'step'
  | 'stepRun'
  | 'planFacts'
  | 'repositoryHandle'
  | 'mediaHandle'
  | 'notifier'
  | 'slot'
  | 'opening';

/** What an argument is: plain data, the `Call`, or a service that the callee may use until the call has ended. */
export type ArgumentShape = 'plain' | 'call' | { readonly service: ServiceName };

/**
 * What a method answers: nothing that is waited for, a promise of plain data, an async iterable of plain data, or a
 * promise of a service, which lives until its `close` or `release`, or until the call in which it was handed out ends.
 */
export type AnswerShape = 'at-once' | 'plain' | 'stream' | { readonly service: ServiceName };

/** How one method crosses. */
export interface MethodShape {
  readonly takes: readonly ArgumentShape[];
  readonly gives: AnswerShape;
  /** A capability: a service without it says so by not having the method. */
  readonly optional?: true;
  /** Ends the service: nothing is called on it afterwards. */
  readonly ends?: true;
}

/** How a service crosses. */
export interface ServiceShape {
  readonly methods: Readonly<Record<string, MethodShape>>;
  /** Properties that are plain data; they are copied when the service is handed over. */
  readonly data: readonly string[];
  /** The service is a `Call` too: signal, deadline, who, log and progress belong to it. */
  readonly isCall?: true;
  /** A method that answers the time at once, in epoch milliseconds. */
  readonly clock?: string;
}

type Callable = (...args: never[]) => unknown;
type CallMembers = 'signal' | 'deadline' | 'who' | 'log' | 'progress';
/** Every method of `T` needs a row, and a row is optional exactly where the method is. */
type Rows<T> = {
  readonly [K in Exclude<keyof T, CallMembers> as NonNullable<T[K]> extends Callable ? K : never]-?: MethodShape &
    (undefined extends T[K] ? { readonly optional: true } : { readonly optional?: never });
};

const plain = (...takes: readonly ArgumentShape[]) => ({ takes, gives: 'plain' }) as const;
const stream = (...takes: readonly ArgumentShape[]) => ({ takes, gives: 'stream' }) as const;
const atOnce = (...takes: readonly ArgumentShape[]) => ({ takes, gives: 'at-once' }) as const;
const service = (name: ServiceName, ...takes: readonly ArgumentShape[]) =>
  ({ takes, gives: { service: name } }) as const;
const capability = <M extends MethodShape>(method: M) => ({ ...method, optional: true }) as const;
const ending = { takes: ['call'], gives: 'plain', ends: true } as const;

const hypervisor: Rows<Hypervisor> = {
  check: plain('call'),
  machines: stream('call'),
  watch: capability(stream('call')),
  snapshot: plain('plain', 'plain', 'call'),
  release: plain('plain', 'call'),
  owned: stream('call'),
  removeOwned: plain('plain', 'call'),
  openDisk: plain('plain', 'call'),
  closeDisk: plain('plain', 'call'),
  allocated: capability(stream('plain', 'call')),
  changes: capability(stream('plain', 'plain', 'call')),
  retainTracking: capability(plain('plain', 'plain', 'call')),
  create: capability(plain('plain', 'call')),
  openDiskForWrite: capability(plain('plain', 'call')),
  closeSink: capability(plain('plain', 'call')),
  adopt: capability(plain('plain', 'call')),
  power: capability(plain('plain', 'plain', 'call')),
  migrate: capability(plain('plain', 'plain', 'call')),
  guest: capability(service('guestChannel', 'plain', 'call')),
  close: ending,
};

const guestChannel: Rows<GuestChannel> = {
  freeze: plain('plain', 'call'),
  thaw: plain('call'),
  run: plain('plain', 'call'),
  close: ending,
};

const objectStore: Rows<ObjectStore> = {
  put: plain('plain', 'plain', 'plain', 'call'),
  get: stream('plain', 'plain', 'call'),
  list: stream('plain', 'call'),
  remove: plain('plain', 'call'),
  probe: plain('call'),
  locate: capability(plain('plain', 'call')),
  close: ending,
};

const mediaLibrary: Rows<MediaLibrary> = {
  inventory: plain('call'),
  move: plain('plain', 'plain', 'call'),
  openDrive: service('tapeDrive', 'plain', 'call'),
  close: ending,
};

const tapeDrive: Rows<TapeDrive> = {
  write: plain('plain', 'call'),
  read: plain('call'),
  filemarks: plain('plain', 'call'),
  locate: plain('plain', 'call'),
  rewind: plain('call'),
  position: plain('call'),
  limits: plain('call'),
  alerts: plain('call'),
  close: ending,
};

const step: Rows<Step> = {
  plan: plain('plain', 'plain', { service: 'planFacts' }, 'call'),
  run: plain('plain', 'plain', { service: 'stepRun' }),
  finish: capability(plain('plain', 'plain', { service: 'stepRun' })),
  undo: plain('plain', { service: 'stepRun' }),
};

const stepRun: Omit<Rows<StepRun>, 'now'> = {
  hypervisor: service('hypervisor', 'plain'),
  repository: service('repositoryHandle', 'plain'),
  media: service('mediaHandle', 'plain'),
  move: plain('plain', 'plain', 'plain'),
  latest: plain(),
  intend: plain('plain'),
  amend: plain('plain', 'plain'),
  settle: plain('plain'),
  checkpoint: plain('plain'),
  slot: service('slot', 'plain'),
  because: atOnce('plain'),
};

const planFacts: Rows<PlanFacts> = {
  latest: plain('plain', 'call'),
  sheet: plain('plain', 'call'),
  point: plain('plain', 'call'),
  speed: plain('plain', 'plain', 'call'),
};

const repositoryHandle: Rows<RepositoryHandle> = {
  begin: plain('plain', 'call'),
  commit: plain('plain', 'plain', 'call'),
  abandon: plain('plain', 'call'),
  points: plain('plain', 'call'),
  open: plain('plain', 'call'),
};

const notifier: Rows<Notifier> = { send: plain('plain', 'call'), check: plain('call'), close: ending };
const mediaHandle: Rows<MediaHandle> = { library: service('mediaLibrary', 'call') };
const slot: Rows<Slot> = { release: ending };
const opening: Rows<Opening> = { secret: plain('plain') };

/**
 * How each service crosses the boundary: which method gives a value, a stream or another service, and which argument is
 * one. A transport needs nothing else; the compiler keeps it equal to the interfaces.
 */
export const services: Readonly<Record<ServiceName, ServiceShape>> = {
  hypervisor: { methods: hypervisor, data: [] },
  guestChannel: { methods: guestChannel, data: [] },
  objectStore: { methods: objectStore, data: [] },
  mediaLibrary: { methods: mediaLibrary, data: [] },
  tapeDrive: { methods: tapeDrive, data: [] },
  step: { methods: step, data: ['needs', 'gives'] },
  stepRun: { methods: stepRun, data: ['run', 'attempt', 'site', 'resume'], isCall: true, clock: 'now' },
  planFacts: { methods: planFacts, data: [] },
  repositoryHandle: { methods: repositoryHandle, data: [] },
  mediaHandle: { methods: mediaHandle, data: [] },
  notifier: { methods: notifier, data: [] },
  slot: { methods: slot, data: [] },
  opening: { methods: opening, data: ['name', 'settings'] },
};
