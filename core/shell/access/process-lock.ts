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
 * @throws `CONFIG_CHANGED` when somebody else holds it for longer than 15 seconds; `FOLDER_UNWRITABLE`.
 */
export async function holdLock(file: string): Promise<Disposable> {
  const connection = open(file);
  try {
    for (let waited = 0; !take(connection, file); ) {
      if (waited > patienceMs) throw held(file);
      // Random, so that two who wait do not wait in step.
      const pause = 1 + Math.random() * Math.min(mostPauseMs, 1 + waited / 10);
      await wait(pause);
      waited += pause;
    }
  } catch (problem) {
    connection.close();
    throw problem;
  }
  return {
    [Symbol.dispose]: () => {
      connection.exec('rollback');
      connection.close();
    },
  };
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
    connection.exec('begin exclusive');
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
