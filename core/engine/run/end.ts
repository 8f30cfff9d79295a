import type { RunRecord } from '../../catalog/contract.ts';
import { failureOf } from './failure.ts';
import type { WorkflowOutcome } from './workflow.ts';

/** How a run ends, as its record says it. */
export interface End {
  readonly state: 'done' | 'partial' | 'failed' | 'cancelled';
  readonly error: RunRecord['error'];
}

/** Why a run was stopped from outside. */
export interface Stopped {
  readonly code: 'CANCELLED' | 'TIMEOUT';
  /** For people, for example `cancelled by alice`. */
  readonly how: string;
}

const tryAgain = '`holdfast doctor --fix` tries again';

/**
 * Puts what came of a workflow into a state and an error with its remedy.
 * @param expireProblem Why old restore points could not be forgotten, or `null`.
 * @param stopped Set when someone or something stopped it.
 */
export function endOf(outcome: WorkflowOutcome, expireProblem: unknown, stopped: Stopped | null): End {
  const { problem, cleaned, left } = outcome;
  if (problem !== null && stopped !== null) {
    const what = cleaned.length > 0 ? `; cleaned up: ${cleaned.join(', ')}` : '; nothing was left to clean up';
    const rest = left.length > 0 ? `; ${left.length} things could not be taken back yet` : '';
    const remedy = left.length > 0 ? tryAgain : 'start it again when you want it done (`holdfast run retry`)';
    const error = { code: stopped.code, message: `${stopped.how}${what}${rest}`, remedy };
    return { state: stopped.code === 'TIMEOUT' ? 'failed' : 'cancelled', error };
  }
  if (problem !== null) return { state: 'failed', error: failureOf(problem.thrown, `step ${problem.use}`) };
  if (left.length > 0) {
    const failure = failureOf(left[0], 'cleaning up');
    const message = `the work is done, but not all of it could be cleaned up: ${failure.message}`;
    return { state: 'partial', error: { ...failure, message, remedy: tryAgain } };
  }
  if (expireProblem === null) return { state: 'done', error: null };
  const failure = failureOf(expireProblem, 'retention');
  const message = `the work is done, but old restore points could not be forgotten: ${failure.message}`;
  return { state: 'partial', error: { ...failure, message } };
}
