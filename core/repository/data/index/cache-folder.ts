import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Call, HoldfastError } from '@holdfast/api';
import { loadCacheFile, type SharedCacheFile } from './cache-file.ts';
import { isLeftover } from './cache-writer.ts';

/** A cache file and where it is. */
export interface NamedCacheFile {
  readonly path: string;
  readonly shared: SharedCacheFile;
}

const ENDING = '.run';
/** Where it was written down which index runs had been read, before the files themselves said so. */
const FORMER = 'absorbed';

/** The folder that holds the cache files of one repository. Several processes may use it; anything in it may vanish. */
export class CacheFolder {
  #path: string;
  #isTemporary = false;
  readonly #repositoryId: string;

  constructor(path: string, repositoryId: string) {
    this.#path = path;
    this.#repositoryId = repositoryId;
  }

  /**
   * All files that are whole; what is not is removed. Where the folder cannot be written, another one serves until the end.
   * @throws `DISK_UNWRITABLE` when there is none at all.
   */
  async load(log: Call['log']): Promise<NamedCacheFile[]> {
    await this.#settle(log);
    const files: NamedCacheFile[] = [];
    for (const name of await readdir(this.#path)) {
      const path = join(this.#path, name);
      const shared = name.endsWith(ENDING) ? loadCacheFile(path, this.#repositoryId) : null;
      if (shared !== null) files.push({ path, shared });
      else if (name.endsWith(ENDING) || name === FORMER || isLeftover(name)) await this.remove(path);
    }
    return files;
  }

  /** Leaves nothing behind where nothing belongs. */
  async close(): Promise<void> {
    if (this.#isTemporary) await rm(this.#path, { recursive: true, force: true });
  }

  async #settle(log: Call['log']): Promise<void> {
    try {
      await mkdir(this.#path, { recursive: true, mode: 0o700 });
      await access(this.#path, constants.W_OK);
    } catch (cause) {
      log('warn', `the index cache cannot be kept in ${this.#path}: ${String(cause)}`);
      try {
        this.#path = await mkdtemp(join(tmpdir(), 'holdfast-index-'));
        this.#isTemporary = true;
      } catch (again) {
        throw new HoldfastError('DISK_UNWRITABLE', `there is no folder for the index cache`, {
          remedy: `make ${this.#path} writable`,
          facts: { folder: this.#path },
          cause: again,
        });
      }
    }
  }

  /** `null` when the file is not there or not whole. */
  open(path: string): NamedCacheFile | null {
    const shared = loadCacheFile(path, this.#repositoryId);
    return shared === null ? null : { path, shared };
  }

  newPath(): string {
    return join(this.#path, randomBytes(8).toString('hex') + ENDING);
  }

  async remove(path: string): Promise<void> {
    await rm(path, { force: true }).catch(() => {});
  }
}
