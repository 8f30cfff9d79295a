import { HoldfastError } from '@holdfast/api';
import { systemCode } from '../system-code.ts';

/** What a failed system call means for a restore. Expected failures and bugs pass through unchanged. */
export function restoreFailure(thrown: unknown, path: string, name: string): unknown {
  const reason = systemCode(thrown);
  if (reason === '') return thrown;
  const facts = { path, reason };
  if (reason === 'ENOSPC' || reason === 'EDQUOT') {
    return new HoldfastError('DISK_SPACE', `no room left for ${name} in ${path}`, { facts, cause: thrown });
  }
  if (reason === 'ENOTEMPTY' || reason === 'EEXIST') return taken(name, path);
  return new HoldfastError('DISK_UNWRITABLE', `${name} cannot be made in ${path}: ${reason}`, { facts, cause: thrown });
}

export function taken(name: string, folder: string): HoldfastError {
  return new HoldfastError('NAME_TAKEN', `there is something named ${name} already`, { facts: { name, folder } });
}
