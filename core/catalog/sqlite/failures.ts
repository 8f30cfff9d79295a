import { HoldfastError } from '@holdfast/api';

/** Primary result codes of SQLite: https://sqlite.org/rescode.html. Extended ones carry them in their low byte. */
const codes = {
  perm: 3,
  busy: 5,
  locked: 6,
  readOnly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  protocol: 15,
  notADatabase: 26,
};

const primaryCode = (thrown: unknown): number | null =>
  thrown instanceof Error && 'errcode' in thrown && typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : null;

export const isBusy = (thrown: unknown): boolean => {
  const code = primaryCode(thrown);
  return code === codes.busy || code === codes.locked || code === codes.protocol;
};

export function damaged(file: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError('CATALOG_DAMAGED', `the catalog ${file} is damaged: ${why}`, {
    remedy:
      '`holdfast repository recover` takes the newest copy from a repository, or the restore points alone; what is here is kept beside it',
    facts: { file },
    cause,
  });
}

export function unreadable(file: string, why: string, cause?: unknown): HoldfastError {
  return new HoldfastError('CATALOG_UNREADABLE', `the catalog ${file} cannot be used: ${why}`, {
    remedy: 'check that its folder exists on a healthy local disk and that you may write there',
    facts: { file },
    cause,
  });
}

/** What SQLite threw, as an expected failure where it is one; a bug stays as it is. */
export function explain(thrown: unknown, file: string): unknown {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  if (isBusy(thrown))
    return new HoldfastError('CATALOG_BUSY', `another process holds the catalog ${file} for too long`, {
      facts: { file },
      cause: thrown,
    });
  const code = primaryCode(thrown);
  if (code === codes.corrupt || code === codes.notADatabase) return damaged(file, why, thrown);
  if (code === codes.full)
    return new HoldfastError('DISK_SPACE', `no room left for the catalog ${file}`, { facts: { file }, cause: thrown });
  if (code === codes.perm || code === codes.readOnly || code === codes.io || code === codes.cannotOpen)
    return unreadable(file, why, thrown);
  return thrown;
}
