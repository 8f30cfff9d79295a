import type {
  Call,
  CommandHandler,
  DiskSink,
  DiskSource,
  Hypervisor,
  MediaLibrary,
  Notifier,
  ObjectLocation,
  ObjectStore,
  Plain,
  Step,
  StepRun,
} from '@holdfast/api';
import { demandLocation, demandSink, demandSource } from '../permissions/descriptors.ts';
import type { Grants } from '../permissions/grants.ts';
import { failureOf } from './failure.ts';
import { type Boundary, guardService } from './guard.ts';
import { Patience } from './patience.ts';
import { guardRun } from './run.ts';
import { withDeadline } from './with-deadline.ts';

/** A hypervisor whose disks have been checked against the plugin's permissions before anyone sees where they are. */
export function guardHypervisor(hypervisor: Hypervisor, boundary: Boundary, grants: Grants): Hypervisor {
  const refusing = async (demand: () => void, undo: () => Promise<void> | undefined): Promise<void> => {
    try {
      demand();
    } catch (thrown) {
      // What was opened and may not be used is closed again.
      await undo()?.catch(() => {});
      throw thrown;
    }
  };
  return guardService('hypervisor', hypervisor, {
    ...boundary,
    inspect: async (method, args, answer) => {
      const call = args.at(-1) as Call;
      if (method === 'openDisk') {
        const source = answer as DiskSource;
        await refusing(
          () => demandSource(grants, source),
          () => hypervisor.closeDisk(source, call),
        );
      } else if (method === 'openDiskForWrite') {
        const sink = answer as DiskSink;
        await refusing(
          () => demandSink(grants, sink),
          () => hypervisor.closeSink?.(sink, call),
        );
      }
    },
  });
}

/** Largest object that is stored within the limit of a small call, in bytes. */
const smallBytes = 1024 * 1024;

/** Whether a method of a store does little, whatever the store: it gets a limit though its caller has set none. */
const isSmall = (method: string, args: readonly unknown[]): boolean =>
  ['remove', 'probe', 'locate'].includes(method) ||
  (method === 'put' && args[1] instanceof Uint8Array && args[1].length <= smallBytes);

/**
 * A store whose locations have been checked against the plugin's permissions.
 * @param smallCallMs How long what does little may take where the call has no deadline, in milliseconds.
 */
export function guardStore(store: ObjectStore, boundary: Boundary, grants: Grants, smallCallMs: number): ObjectStore {
  return guardService('objectStore', store, {
    ...boundary,
    admit: (method, args) => {
      const call = args.at(-1) as Call;
      if (call.deadline !== null || !isSmall(method, args)) return args;
      return args.with(-1, withDeadline(call, boundary.now() + smallCallMs));
    },
    inspect: (method, _args, answer) => {
      if (method === 'locate' && answer !== null) demandLocation(grants, answer as ObjectLocation);
    },
  });
}

export function guardLibrary(library: MediaLibrary, boundary: Boundary): MediaLibrary {
  return guardService('mediaLibrary', library, boundary);
}

/** How long a notice may take where the call has no deadline, in milliseconds. */
const noticeMs = 60_000;

/** A notifier that never takes for ever: whoever tells administrators has others to tell. */
export function guardNotifier(notifier: Notifier, boundary: Boundary): Notifier {
  return guardService('notifier', notifier, {
    ...boundary,
    admit: (_method, args) => {
      const call = args.at(-1) as Call;
      return call.deadline === null ? args.with(-1, withDeadline(call, boundary.now() + noticeMs)) : args;
    },
  });
}

/** What a step's guard needs to know. */
export interface StepRules {
  /** Checks settings and fills their defaults in. */
  readonly complete: (settings: Readonly<Record<string, unknown>>) => Readonly<Record<string, Plain>>;
  readonly grants: (settings: Readonly<Record<string, unknown>>) => Grants;
}

/** A step that gets complete settings, and whose moves stay within what it was given. */
export function guardStep(step: Step, boundary: Boundary, rules: StepRules): Step {
  return guardService('step', step, {
    ...boundary,
    admit: (method, args) => {
      if (method === 'undo') return args.with(1, guardRun(args[1] as StepRun, rules.grants({})));
      const settings = rules.complete((args[1] ?? {}) as Readonly<Record<string, unknown>>);
      const completed = args.with(1, settings);
      if (method === 'plan') return completed;
      return completed.with(2, guardRun(args[2] as StepRun, rules.grants(settings)));
    },
  });
}

export function guardCommand(handler: CommandHandler, boundary: Boundary): CommandHandler {
  return async (args, call) => {
    using patience = new Patience(call, boundary.subject, boundary.graceMs, boundary.now);
    try {
      return await patience.wait(handler(args, patience.call));
    } catch (thrown) {
      const { plugin, subject, log } = boundary;
      throw failureOf(thrown, { plugin, what: subject, call: patience.call, log });
    }
  };
}
