import type { Plain, Step } from '@holdfast/api';
import type { IntentRow } from '../../catalog/contract.ts';
import type { RunContext } from './context.ts';
import { messageOf, stackOf } from './failure.ts';
import { withPatience } from './patience.ts';
import { openStepRun } from './step-run.ts';

/** What came of undoing. */
export interface Undone {
  /** One line for each thing that was cleaned, as the steps told it. */
  readonly cleaned: readonly string[];
  /** Intents that could not be undone; they stay open and whoever comes next tries again. */
  readonly left: readonly { readonly intent: IntentRow; readonly problem: unknown }[];
}

/**
 * Undoes open intents of a run, the newest first, each by the step that announced it, and settles them.
 * @param which Of which step; absent: of all.
 */
export async function undoIntents(
  context: RunContext,
  resume: (index: number) => Plain,
  which?: number,
): Promise<Undone> {
  const open = await context.catalog.jobs.openIntents(context.run.id);
  const chosen = open.filter(({ step }) => which === undefined || step === which).toReversed();
  const cleaned: string[] = [];
  const left: { intent: IntentRow; problem: unknown }[] = [];
  for (const intent of chosen) {
    try {
      const step = await context.host.step(intent.use);
      await actQuietly(context, { index: intent.step, use: intent.use, resume: resume(intent.step) }, cleaned, (run) =>
        step.undo(
          { id: intent.id, run: intent.run, kind: intent.kind, state: intent.state, createdAt: intent.createdAt },
          run,
        ),
      );
      await context.catalog.jobs.settleIntent(context.heartbeat.lease, intent.id);
    } catch (problem) {
      left.push({ intent, problem });
      context.journal.log(
        'error',
        `${intent.kind} of step ${intent.use} could not be taken back: ${messageOf(problem)}`,
      );
      const stack = stackOf(problem);
      if (stack !== null) context.journal.log('debug', stack);
    }
  }
  return { cleaned, left };
}

type CleanUp = (run: Parameters<Step['undo']>[1]) => Promise<void>;

/**
 * Lets a step clean up: whatever asked the run to stop does not stop this, but it has a limit of its own, and being fenced ends it.
 * @param cleaned Gets the lines that the step logs at `info`.
 */
export async function actQuietly(
  context: RunContext,
  of: { readonly index: number; readonly use: string; readonly resume: Plain },
  cleaned: string[],
  act: CleanUp,
): Promise<void> {
  const { graceMs } = context.timing;
  const signal = AbortSignal.any([AbortSignal.timeout(graceMs), context.heartbeat.fenced]);
  const step = openStepRun(context, {
    ...of,
    attempt: context.run.attempts,
    signal,
    save: async () => {},
    heard: (level, message) => {
      if (level === 'info') cleaned.push(message);
    },
  });
  try {
    await withPatience(act(step.run), signal, graceMs, `cleaning up after step ${of.use}`);
  } finally {
    step.close();
  }
}
