import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { HoldfastError } from '@holdfast/api';
import { explain, isBusy } from '../sqlite/failures.ts';
import { keepingLog } from './keeping-log.ts';

const isThere = (file: string): boolean => statSync(file, { throwIfNoEntry: false }) !== undefined;

function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * Makes sure that nobody has a catalog open, in this process or another: they would go on with the old one. A damaged one has no users.
 * @throws {HoldfastError} `CATALOG_BUSY`
 */
export function requireUnused(file: string): void {
  if (!isThere(file)) return;
  const thrown = keepingLog(
    file,
    () => failureOf(file),
    (failure) => failure === null,
  );
  if (isBusy(thrown)) {
    throw new HoldfastError('CATALOG_BUSY', `another process uses the catalog ${file}`, {
      remedy: 'stop it (`holdfast serve`, a workbench, a run), then run this again',
      facts: { file },
      cause: explain(thrown, file),
    });
  }
}

/** What SQLite throws when it is to have a file for itself. */
function failureOf(file: string): unknown {
  try {
    using connection = new DatabaseSync(file, { timeout: 1_000 });
    // Every connection to a write-ahead log shares a lock on the file for as long as it is open; this mode wants it alone.
    connection.exec('pragma locking_mode = exclusive; begin exclusive; rollback');
    return null;
  } catch (thrown) {
    return thrown;
  }
}

/** Never over one that somebody has made meanwhile. */
function place(fresh: string, file: string): void {
  try {
    linkSync(fresh, file);
    rmSync(fresh);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'EEXIST' || isThere(file))
      throw new HoldfastError('CATALOG_BUSY', `another process has made a catalog meanwhile: ${file}`, {
        remedy: 'nothing is lost: stop that process, then run this again',
        facts: { file },
        cause,
      });
    // A file system without second names for files: nobody has it open, and it was not there a moment ago.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw cause;
    renameSync(fresh, file);
  }
}

/**
 * Puts a new catalog in the place of what is there, which is kept beside it.
 * @param fresh A whole catalog, closed, in the same folder; it is gone afterwards.
 * @param day For the name of what is kept, for example `20261122`.
 * @returns Where the old one is now; `null` when there was none.
 * @throws {HoldfastError} `CATALOG_BUSY`
 */
export function replaceCatalog(file: string, fresh: string, day: string): string | null {
  requireUnused(file);
  sync(fresh);
  const kept = `${file}.before-recovery-${day}-${randomBytes(3).toString('hex')}`;
  // The log goes with the file that it belongs to: beside another one it would damage it. A crash in between is told as damage, and this can be done again.
  const moved = ['', '-wal', '-shm'].filter((suffix) => isThere(`${file}${suffix}`));
  for (const suffix of moved) renameSync(`${file}${suffix}`, `${kept}${suffix}`);
  sync(dirname(file));
  place(fresh, file);
  sync(dirname(file));
  return moved.some((suffix) => suffix !== '-shm') ? kept : null;
}
