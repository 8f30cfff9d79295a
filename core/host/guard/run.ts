import { HoldfastError, type Hypervisor, isHoldfastError, type StepRun, services } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import type { Grants } from '../permissions/grants.ts';
import { HandedOut } from '../permissions/handed-out.ts';

/**
 * A run as a plugin gets it. Its members stand free, so that the plugin can neither reach nor change the engine's object;
 * it moves only what it was handed out; and what fails here without being expected is not taken for the plugin's fault.
 */
export function guardRun(run: StepRun, grants: Grants): StepRun {
  const handedOut = new HandedOut();
  return {
    signal: run.signal,
    deadline: run.deadline,
    who: run.who,
    log: (level, message) => run.log(level, message),
    progress: (progress) => run.progress(progress),
    run: run.run,
    attempt: run.attempt,
    site: run.site,
    resume: run.resume,
    now: () => run.now(),
    hypervisor: (endpoint) => own(async () => recording(await run.hypervisor(endpoint), handedOut)),
    repository: (target) => own(() => run.repository(target)),
    media: (target) => own(() => run.media(target)),
    move: (from, to, how) =>
      own(async () => {
        handedOut.demandMove(grants, from, to);
        return await run.move(from, to, how);
      }),
    latest: () => own(() => run.latest()),
    intend: (what) => own(() => run.intend(what)),
    amend: (intent, state) => own(() => run.amend(intent, state)),
    settle: (intent) => own(() => run.settle(intent)),
    checkpoint: (state) => own(() => run.checkpoint(state)),
    slot: (name) => own(() => run.slot(name)),
    because: ({ decision, because }) =>
      run.because({ decision: safeText(String(decision), 1000), because: safeText(String(because), 1000) }),
  };
}

/** A failure of ours that nobody foresaw is named as such before it passes through a plugin. */
async function own<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isHoldfastError(cause)) throw cause;
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new HoldfastError('INTERNAL', text, { cause });
  }
}

type Method = (...args: readonly unknown[]) => unknown;

/** A hypervisor that keeps account of the disks that it hands out. */
function recording(hypervisor: Hypervisor, handedOut: HandedOut): Hypervisor {
  const members: Record<string, unknown> = {};
  for (const key of Object.keys(services.hypervisor.methods)) {
    const method: unknown = Reflect.get(hypervisor, key);
    if (typeof method === 'function')
      members[key] = ((...args) => Reflect.apply(method, hypervisor, args)) satisfies Method;
  }
  const recorded = members as unknown as Hypervisor;
  const { openDisk, openDiskForWrite } = recorded;
  return {
    ...recorded,
    openDisk: async (disk, call) => {
      const source = await openDisk(disk, call);
      handedOut.addSource(source);
      return source;
    },
    ...(openDiskForWrite === undefined
      ? {}
      : {
          openDiskForWrite: async (disk, call) => {
            const sink = await openDiskForWrite(disk, call);
            handedOut.addSink(sink);
            return sink;
          },
        }),
  };
}
