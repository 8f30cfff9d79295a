import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/api';
import { errnoOf } from './read-text.ts';

const attempts = 200;
const pauseMs = 25;

/**
 * Holds a file for one process while it is read, changed and replaced: a lock file beside it names the process. One that
 * a dead process has left is taken away.
 * @throws `CONFIG_CHANGED` when a living process holds it for longer than five seconds.
 */
export async function lockFile(file: string): Promise<AsyncDisposable> {
  const lock = `${file}.lock`;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (await take(lock)) return { [Symbol.asyncDispose]: () => rm(lock, { force: true }) };
    await ((await holderLives(lock)) ? wait(pauseMs) : rm(lock, { force: true }));
  }
  throw new HoldfastError('CONFIG_CHANGED', `another process is changing ${file}`, {
    remedy: `wait for it; if there is none, remove ${lock}`,
    facts: { file },
  });
}

async function take(lock: string): Promise<boolean> {
  try {
    await using handle = await open(lock, 'wx', 0o600);
    await handle.writeFile(`${process.pid}\n`);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** A lock without a number yet is one that is being made. */
async function holderLives(lock: string): Promise<boolean> {
  const text = await readFile(lock, 'utf8').catch(() => '');
  const pid = /^(\d{1,9})\n$/.exec(text)?.[1];
  if (pid === undefined) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}
