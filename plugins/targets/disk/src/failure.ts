import type { ErrorCode } from '@holdfast/api';
import { HoldfastError, isHoldfastError } from '@holdfast/api';

/** The system's name of an error, for example `ENOSPC`; empty for anything else that was thrown. */
export function systemCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}

interface Translation {
  readonly code: ErrorCode;
  readonly why: string;
}

const gone: Translation = { code: 'TARGET_UNREACHABLE', why: 'the target is not there' };

const translations: Readonly<Record<string, Translation>> = {
  ENOSPC: { code: 'TARGET_FULL', why: 'no room left' },
  EDQUOT: { code: 'TARGET_FULL', why: 'the quota is used up' },
  EROFS: { code: 'TARGET_READ_ONLY', why: 'the file system is read-only' },
  EACCES: { code: 'TARGET_READ_ONLY', why: 'permission denied' },
  EPERM: { code: 'TARGET_READ_ONLY', why: 'not permitted' },
  EIO: { code: 'TARGET_IO', why: 'the storage failed' },
  ELOOP: { code: 'TARGET_IO', why: 'a symbolic link lies where an object should be' },
  EMFILE: { code: 'TARGET_IO', why: 'too many open files' },
  ENFILE: { code: 'TARGET_IO', why: 'too many open files' },
  ESTALE: gone,
  ENODEV: gone,
  ENXIO: gone,
  ENOTCONN: gone,
  EHOSTDOWN: gone,
  ETIMEDOUT: gone,
};

/** What a failed system call means for the target. Expected failures and bugs pass through unchanged. */
export function targetFailure(thrown: unknown, doing: string, path: string): unknown {
  const reason = systemCode(thrown);
  if (isHoldfastError(thrown) || reason === '') return thrown;
  const { code, why } = translations[reason] ?? { code: 'TARGET_IO', why: `failed with ${reason}` };
  return new HoldfastError(code, `${doing} in ${path}: ${why}`, { facts: { path, reason }, cause: thrown });
}

/** Reading something that may not be read is no matter of a read-only target. */
export function readFailure(thrown: unknown, doing: string, path: string): unknown {
  const failure = targetFailure(thrown, doing, path);
  if (!isHoldfastError(failure, 'TARGET_READ_ONLY')) return failure;
  return new HoldfastError('TARGET_IO', failure.message, {
    remedy: 'give the user that Holdfast runs as the right to read the target',
    facts: failure.facts,
    cause: thrown,
  });
}
