import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
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
    const holder = await holderOf(lock);
    if (holder === null) continue;
    await (lives(holder) ? wait(pauseMs) : clear(lock, holder));
  }
  throw new HoldfastError('CONFIG_CHANGED', `another process is changing ${file}`, {
    remedy: `wait for it; if there is none, remove ${lock}`,
    facts: { file },
  });
}

/** Whole or not there: a lock that names nobody would hold for ever. */
async function take(lock: string): Promise<boolean> {
  const made = `${lock}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(made, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
    await link(made, lock);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(made, { force: true });
  }
}

/** Who a lock names; `null` when it is gone or names nobody. */
async function holderOf(lock: string): Promise<string | null> {
  return await readFile(lock, 'utf8').catch(() => null);
}

function lives(holder: string): boolean {
  const pid = /^(\d{1,9})\n$/.exec(holder)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return errnoOf(error) !== 'ESRCH';
  }
}

/** Takes a dead process's lock away. Another may have done so before and hold one of its own by now: that is put back. */
async function clear(lock: string, holder: string): Promise<void> {
  const aside = `${lock}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(lock, aside);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await holderOf(aside)) !== holder) await link(aside, lock).catch(() => {});
  await rm(aside, { force: true });
}
