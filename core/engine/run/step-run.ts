import type { Call, Plain, PointSummary, Slot, StepRun } from '@holdfast/api';
import { cancelled, HoldfastError } from '@holdfast/api';
import type { RunContext } from './context.ts';

/** What one step is given for one attempt, one finish or one undoing. */
export interface StepScope {
  readonly index: number;
  readonly use: string;
  readonly attempt: number;
  readonly resume: Plain;
  readonly signal: AbortSignal;
  /** Stores a checkpoint. */
  readonly save: (state: Plain) => Promise<void>;
  /** Hears the lines that the step logs, besides the journal. */
  readonly heard?: (level: string, message: string) => void;
}

/** A `StepRun` that can be closed: a step that did not stop in time reaches nothing any more. */
export interface OpenStepRun {
  readonly run: StepRun;
  close(): void;
}

/**
 * Makes what a step reaches the world through. It is an object of plain functions over plain data, without a `this`, so that the host can
 * hand it across to a worker function by function.
 */
export function openStepRun(context: RunContext, scope: StepScope): OpenStepRun {
  let isOpen = true;
  const guarded = async <T>(act: () => Promise<T>): Promise<T> => {
    if (!isOpen) throw cancelled(`step ${scope.use}`);
    if (context.heartbeat.fenced.aborted)
      throw new HoldfastError('FENCED', `step ${scope.use} belongs to another process now`);
    return act();
  };
  const call: Call = {
    signal: scope.signal,
    deadline: null,
    who: context.who,
    log: (level, message) => {
      if (!isOpen) return;
      context.journal.log(level, message);
      scope.heard?.(level, message);
    },
    progress: (progress) => {
      if (isOpen) context.meter.declare(progress);
    },
  };
  const { jobs } = context.catalog;
  const waiting = (name: string) => (capacity: number) =>
    call.log('info', `waits for one of ${capacity} slots of ${name}`);
  const run: StepRun = {
    ...call,
    run: context.run.id,
    attempt: scope.attempt,
    site: context.catalog.site,
    resume: scope.resume,
    now: context.now,
    hypervisor: (endpoint) => guarded(() => context.endpoints.openForRun(endpoint, context.handouts, call)),
    repository: (target) => guarded(() => context.repositories.handle(target, call)),
    media: (target) =>
      guarded(async () => {
        const library = await context.openMedia(target, call);
        return { library: async () => library };
      }),
    move: (from, to, how) => guarded(() => context.mover.move(from, to, how, call)),
    latest: () =>
      guarded(async () => {
        const { endpoint, machine } = context.run;
        const newest = new Map<string, PointSummary>();
        for (const point of await context.catalog.points({ endpoint, machine }))
          if (!newest.has(point.target)) newest.set(point.target, point);
        return [...newest.values()];
      }),
    intend: (what) =>
      guarded(async () => {
        const step = { step: scope.index, use: scope.use };
        return (await jobs.intend(context.heartbeat.lease, { ...step, kind: what.kind, state: what.state })).id;
      }),
    amend: (intent, state) => guarded(() => jobs.amendIntent(context.heartbeat.lease, intent, state)),
    settle: (intent) => guarded(() => jobs.settleIntent(context.heartbeat.lease, intent)),
    checkpoint: (state) => guarded(() => scope.save(state)),
    slot: (name): Promise<Slot> => guarded(() => context.slots.take(name, scope.index, scope.signal, waiting(name))),
    because: (reason) => {
      if (isOpen) context.journal.because(reason);
    },
  };
  return {
    run,
    close: () => {
      isOpen = false;
    },
  };
}
