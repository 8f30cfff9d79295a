import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/api';
import { systemCode } from './failure.ts';

const suffix = '.claim';
const pauseMs = 20;
const patienceMs = 10_000;

/**
 * Exclusive claims on names, for file systems without hard links: a file made with O_EXCL that names the process which
 * holds it. A claim of a process that has died is taken over. Processes of one host see each other; those of other hosts do not
 * (their claims are waited for and then reported), which is why such a target is for one host.
 */
export class Claims {
  readonly #folder: string;
  readonly #owner = JSON.stringify({ host: hostname(), pid: process.pid, nonce: randomBytes(8).toString('hex') });

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Waits until the claim on `path` is ours. */
  async take(path: string): Promise<AsyncDisposable> {
    const file = join(this.#folder, createHash('sha256').update(path).digest('hex').slice(0, 32) + suffix);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pauseMs) {
      if (await this.#make(file)) return { [Symbol.asyncDispose]: async () => unlink(file).catch(() => {}) };
      if (await isDead(file)) await this.#breakClaim(file);
      else await delay(pauseMs);
    }
    throw new HoldfastError('TARGET_IO', `${path} is being written by somebody else and does not get done`, {
      remedy: 'use this target from one host only: its file system has no hard links',
      facts: { path, claim: file },
    });
  }

  /** Removes the claims of processes that have died. */
  async sweep(): Promise<void> {
    for (const entry of await readdir(this.#folder)) {
      const file = join(this.#folder, entry);
      if (entry.endsWith(suffix) && (await isDead(file))) await this.#breakClaim(file);
    }
  }

  async #make(file: string): Promise<boolean> {
    try {
      await using handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      await handle.writeFile(this.#owner);
      return true;
    } catch (thrown) {
      if (systemCode(thrown) === 'EEXIST') return false;
      throw thrown;
    }
  }

  /** Of several that find a claim dead, one wins the rename; it looks again at what it holds before it throws it away. */
  async #breakClaim(file: string): Promise<void> {
    const aside = `${file}.${randomBytes(8).toString('hex')}`;
    try {
      await rename(file, aside);
      if (await isDead(aside)) await unlink(aside);
      else await rename(aside, file);
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
    }
  }
}

/** Whether a claim was made on this host by a process that is no more. A claim that cannot be read is not dead. */
async function isDead(file: string): Promise<boolean> {
  try {
    const owner: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof owner !== 'object' || owner === null || !('host' in owner) || !('pid' in owner)) return false;
    if (owner.host !== hostname() || typeof owner.pid !== 'number') return false;
    process.kill(owner.pid, 0);
    return false;
  } catch (thrown) {
    return systemCode(thrown) === 'ESRCH';
  }
}
