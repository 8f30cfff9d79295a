import { type ErrorCode, errorCodes, isHoldfastError } from '@holdfast/api';
import type { RunRecord } from '../../catalog/contract.ts';
import { safeText } from '../../model/text/safe-text.ts';

/** A failure as it is kept in a record. */
export type Failure = NonNullable<RunRecord['error']>;

/**
 * Puts what was thrown into words for a record. What is no expected failure is a bug: `INTERNAL`, naming where it came from.
 * @param place Where it happened, for example `step proxy`.
 */
export function failureOf(problem: unknown, place: string): Failure {
  if (isHoldfastError(problem))
    return {
      code: problem.code,
      message: safeText(problem.message),
      remedy: safeText(problem.remedy ?? remedyOf(problem.code)),
    };
  return {
    code: 'INTERNAL',
    message: safeText(`${place} failed in a way that nobody foresaw: ${messageOf(problem)}`),
    remedy: errorCodes.INTERNAL.remedy,
  };
}

/** The message of whatever was thrown. */
export const messageOf = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem));

/** A stack for the log where there should be none: `null` for an expected failure. */
export function stackOf(problem: unknown): string | null {
  if (isHoldfastError(problem) || !(problem instanceof Error)) return null;
  return problem.stack ?? null;
}

const remedyOf = (code: ErrorCode): string => errorCodes[code].remedy;
