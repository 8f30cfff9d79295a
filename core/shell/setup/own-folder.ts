import { mkdir } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/api';

const noRoom = new Set(['ENOSPC', 'EDQUOT']);

/** Why a folder or file of ours could not be made, as an error that says what to do. Anything but a refusal of the system comes back as it is. */
export function refusal(path: string, cause: unknown): unknown {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (noRoom.has(code)) return new HoldfastError('DISK_SPACE', `no room left for ${path}`, { cause, facts: { path } });
  if (!/^E(ACCES|PERM|ROFS|NOTDIR|NOENT|LOOP|NAMETOOLONG)$/.test(code)) return cause;
  return new HoldfastError('FOLDER_UNWRITABLE', `${path} cannot be made: ${code}`, { cause, facts: { path } });
}

/** Makes a folder that only its owner may look into, with those above it. @throws `FOLDER_UNWRITABLE`, `DISK_SPACE`. */
export async function makeOwnFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw refusal(path, cause);
  }
}
