import { rmSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/api';

const patienceMs = 15_000;
const mostPauseMs = 20;
/** SQLite's number for a lock that somebody else holds. */
const busy = 5;

/**
 * Holds a lock of the kernel, against other processes and other holders in this one. It ends with the process, however that ends: a lock
 * file that names its holder would outlive a kill, and taking such a file away is a race. Node knows no such lock, SQLite does; nothing is ever written
 * to its file.
 * @param file Made if it is not there. Nothing else may open it: closing any handle to it would let go of the lock.
 * @param how `isRemoved`: the file goes when the lock is given back.
 * @throws `CONFIG_CHANGED` when somebody else holds it for longer than 15 seconds; `FOLDER_UNWRITABLE`.
 */
export async function holdLock(file: string, how: { readonly isRemoved?: true } = {}): Promise<Disposable> {
  for (let waited = 0; ; ) {
    const connection = takeNow(file);
    if (connection !== null) {
      return {
        [Symbol.dispose]: () => {
          if (how.isRemoved === true) rmSync(file, { force: true });
          connection.exec('rollback');
          connection.close();
        },
      };
    }
    if (waited > patienceMs) throw held(file);
    // Random, so that two who wait do not wait in step.
    const pause = 1 + Math.random() * Math.min(mostPauseMs, 1 + waited / 10);
    await wait(pause);
    waited += pause;
  }
}

/** The lock, or `null` when somebody else has it. */
function takeNow(file: string): DatabaseSync | null {
  const before = identityOf(file);
  const connection = open(file);
  try {
    // A lock on a file that was removed or made anew since would be one that nobody else waits for.
    if (before !== null && identityOf(file) === before && take(connection, file) && identityOf(file) === before) {
      return connection;
    }
  } catch (problem) {
    connection.close();
    throw problem;
  }
  connection.close();
  return null;
}

/** Which file stands there; `null` for none. Looked at without opening it. */
function identityOf(file: string): string | null {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev} ${found.ino} ${found.birthtimeNs}`;
}

function open(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { timeout: 0 });
  } catch (problem) {
    throw unusable(file, problem);
  }
}

function take(connection: DatabaseSync, file: string): boolean {
  try {
    // Nothing is written, so nothing would have to be rolled back after a crash.
    connection.exec('pragma journal_mode = memory; begin exclusive');
    return true;
  } catch (problem) {
    if (problem instanceof Error && 'errcode' in problem && problem.errcode === busy) return false;
    throw unusable(file, problem);
  }
}

function unusable(file: string, cause: unknown): HoldfastError {
  const why = cause instanceof Error ? cause.message : 'failed';
  return new HoldfastError('FOLDER_UNWRITABLE', `the lock ${file} cannot be used: ${why}`, { facts: { file }, cause });
}

function held(file: string): HoldfastError {
  return new HoldfastError(
    'CONFIG_CHANGED',
    `another process has been holding ${file} for ${patienceMs / 1000} seconds`,
    {
      remedy: 'find out which process hangs (`fuser` names it) and end it; then try again',
      facts: { file },
    },
  );
}
