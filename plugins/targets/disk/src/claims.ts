import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HoldfastError } from '@holdfast/api';
import { syncFolder } from './durable.ts';
import { systemCode } from './failure.ts';
import { segmentsOf } from './names.ts';

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
  readonly #owner = { host: hostname(), pid: process.pid, nonce: randomBytes(8).toString('hex') };

  /** @param folder That of unfinished objects, which lies in the folder of the target. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Waits until the claim on the name of an object is ours. */
  async take(name: string): Promise<AsyncDisposable> {
    const file = this.#fileOf(name);
    for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pauseMs) {
      if (await this.#make(file, name)) return { [Symbol.asyncDispose]: async () => unlink(file).catch(() => {}) };
      if (await isDead(file)) await this.#breakClaim(file);
      else await delay(pauseMs);
    }
    throw new HoldfastError('TARGET_IO', `${name} is being written by somebody else and does not get done`, {
      remedy: 'use this target from one host only: its file system has no hard links',
      facts: { name, claim: file },
    });
  }

  /** Whether somebody is about to give this name to an object, or died while doing so. What cannot be looked at may be taken. */
  async isTaken(name: string): Promise<boolean> {
    return await lstat(this.#fileOf(name)).then(() => true, isThereAtAll);
  }

  /** Whether there is a claim on any name. */
  async areAnyTaken(): Promise<boolean> {
    return await readdir(this.#folder).then((entries) => entries.some((entry) => entry.endsWith(suffix)), isThereAtAll);
  }

  /** Removes the claims of processes that have died. */
  async sweep(): Promise<void> {
    for (const entry of await readdir(this.#folder)) {
      const file = join(this.#folder, entry);
      if (entry.endsWith(suffix) && (await isDead(file))) await this.#breakClaim(file);
    }
  }

  #fileOf(name: string): string {
    return join(this.#folder, createHash('sha256').update(name).digest('hex').slice(0, 32) + suffix);
  }

  async #make(file: string, name: string): Promise<boolean> {
    try {
      await using handle = await open(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      await handle.writeFile(JSON.stringify({ ...this.#owner, name }));
      return true;
    } catch (thrown) {
      if (systemCode(thrown) === 'EEXIST') return false;
      throw thrown;
    }
  }

  /** Of several that find a claim dead, one wins the rename; it looks again at what it holds before it throws it away. */
  async #breakClaim(file: string): Promise<void> {
    // Whoever died may have given the name and not synced it, and without the claim nobody could tell.
    await this.#syncClaimed(file);
    const aside = `${file}.${randomBytes(8).toString('hex')}`;
    try {
      await rename(file, aside);
      if (await isDead(aside)) await unlink(aside);
      else await rename(aside, file);
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOENT') throw thrown;
    }
  }

  async #syncClaimed(file: string): Promise<void> {
    const name = (await claimIn(file))?.name;
    if (typeof name !== 'string') return;
    try {
      await syncFolder(join(dirname(this.#folder), ...segmentsOf(name).slice(0, -1)));
    } catch (thrown) {
      // There is no folder, so no object either.
      if (!['ENOENT', 'ENOTDIR'].includes(systemCode(thrown))) throw thrown;
    }
  }
}

function isThereAtAll(thrown: unknown): boolean {
  return !['ENOENT', 'ENOTDIR'].includes(systemCode(thrown));
}

async function claimIn(file: string): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const claim: unknown = JSON.parse(await readFile(file, 'utf8'));
    return typeof claim === 'object' && claim !== null ? { ...claim } : null;
  } catch {
    return null;
  }
}

/** Whether a claim was made on this host by a process that is no more. A claim that cannot be read is not dead. */
async function isDead(file: string): Promise<boolean> {
  const owner = await claimIn(file);
  if (owner === null || owner.host !== hostname() || typeof owner.pid !== 'number') return false;
  return !isAlive(owner.pid);
}

/** Whether a process of this host lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return systemCode(thrown) !== 'ESRCH';
  }
}
