import type { ErrorCode } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';

/** What is done again after a failure that may pass: the step alone, or the workflow from its first passing result on. */
export type RetryScope = 'step' | 'workflow';

/**
 * Failures that may be gone a little later. All others (usage, rights, room, a cancelled run, a bug) would only fail again, or do harm.
 * `workflow` means that what the step was given is spoilt too, so that it has to be made anew: a disk that changed wants a new snapshot.
 */
const passing: Partial<Readonly<Record<ErrorCode, RetryScope>>> = {
  TIMEOUT: 'step',
  ENDPOINT_UNREACHABLE: 'step',
  TARGET_UNREACHABLE: 'step',
  TARGET_IO: 'step',
  CATALOG_BUSY: 'step',
  WORKER_LOST: 'step',
  LEASE_LOST: 'step',
  DISK_CHANGED: 'workflow',
};

/** How to try again after this; `null` when that would not help. */
export function retryScope(problem: unknown): RetryScope | null {
  return isHoldfastError(problem) ? (passing[problem.code] ?? null) : null;
}
