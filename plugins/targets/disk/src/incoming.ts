import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, opendir, unlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from './claims.ts';
import { writeAll } from './durable.ts';
import type { Rights } from './rights.ts';

/** A writer of another host that is still at work has touched its file within this time. */
const abandonedAfterMs = 24 * 60 * 60 * 1000;

const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
/** Names of temporary files begin with who writes them: clocks jump, and those of hosts differ, so age alone does not show who is dead. */
const writer = `${host}-${process.pid}-${randomBytes(4).toString('hex')}-`;

/** The folder in which objects are written before they have a name. It lies in the target, so that a link can be made from it. */
export class Incoming {
  readonly folder: string;
  readonly #rights: Rights;

  constructor(folder: string, rights: Rights) {
    this.folder = folder;
    this.#rights = rights;
  }

  /** Writes a temporary file whole and durable. What fails leaves nothing behind, and a failed sync is not tried again. */
  async write(body: Uint8Array, beforeEach: () => void): Promise<string> {
    const path = join(this.folder, `${writer}${randomBytes(16).toString('hex')}.tmp`);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const handle = await open(path, flags, this.#rights.file);
    try {
      try {
        if (this.#rights.isShared) await handle.chmod(this.#rights.file);
        await writeAll(handle, body, beforeEach);
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (thrown) {
      await this.drop(path);
      throw thrown;
    }
    return path;
  }

  /** Removes a temporary file, if it is still there. */
  async drop(path: string): Promise<void> {
    await unlink(path).catch(() => {});
  }

  /** Removes what writers that died have left. */
  async sweep(now: number): Promise<number> {
    let removed = 0;
    for await (const entry of await opendir(this.folder)) {
      const path = join(this.folder, entry.name);
      const stats = await lstat(path).catch(() => null);
      if (stats === null || !stats.isFile() || now - stats.mtimeMs < abandonedAfterMs) continue;
      if (isAtWork(entry.name)) continue;
      await unlink(path).catch(() => {});
      removed += 1;
    }
    return removed;
  }
}

/** Whether the process of this host lives that a temporary file is named after. One that had our number before us does not. */
function isAtWork(entry: string): boolean {
  const [, of, pid] = /^([0-9a-f]{8})-(\d{1,10})-[0-9a-f]{8}-/.exec(entry) ?? [];
  if (of !== host) return false;
  return Number(pid) === process.pid ? entry.startsWith(writer) : isAlive(Number(pid));
}
