import { mkdir, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { lockFile } from './file-lock.ts';
import { errnoOf, readText, unreadable } from './read-text.ts';
import { replaceFile } from './replace-file.ts';

/** How a text file is changed. */
export interface FileChange {
  /** Whether the file and its folder are made when they are missing. */
  readonly isMade: boolean;
  /**
   * The new text; the same as before, and `null` where there is no file, change nothing. What it throws leaves the file as it was.
   * @param path Where the file really lies: links are followed, so that they stay links.
   */
  readonly to: (before: string | null, path: string) => string | null;
}

/**
 * Changes a file of a person's settings: held while it is read and written, replaced as a whole or not at all, with the permission bits it had.
 * @returns Whether it was changed.
 * @throws `CONFIG_CHANGED` when somebody who takes no lock wrote to it meanwhile; `CONFIG_UNREADABLE`.
 */
export async function changeFile(file: string, { isMade, to }: FileChange): Promise<boolean> {
  const path = await realFile(resolve(file));
  if (isMade) await makeFolder(path);
  else if ((await readText(path)) === null) return false;
  await using _lock = await lock(path);
  const before = await readText(path);
  const after = to(before?.text ?? null, path);
  if (after === null || after === before?.text) return false;
  // Whoever edits by hand takes no lock.
  if ((await readText(path))?.text !== before?.text) {
    throw new HoldfastError('CONFIG_CHANGED', `${path} was changed meanwhile`, { facts: { file: path } });
  }
  try {
    await replaceFile(path, after, { mode: 0o600, keepMode: true });
  } catch (error) {
    throw unwritable(path, error);
  }
  return true;
}

async function makeFolder(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unwritable(file, error);
  }
}

async function lock(file: string): Promise<AsyncDisposable> {
  try {
    return await lockFile(file);
  } catch (error) {
    throw errnoOf(error) === undefined ? error : unwritable(file, error);
  }
}

function unwritable(file: string, cause: unknown): HoldfastError {
  const why = errnoOf(cause) ?? 'failed';
  return new HoldfastError('CONFIG_UNREADABLE', `cannot write the configuration file ${file}: ${why}`, {
    remedy: 'check that you may write to it and that there is room; it is as it was',
    facts: { file },
    cause,
  });
}

/** Where a symbolic link leads to, so that the link stays one. */
async function realFile(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return file;
    throw unreadable(file, errnoOf(error) ?? 'its path cannot be followed', error);
  }
}
