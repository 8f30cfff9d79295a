import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCacheFile, type SharedCacheFile } from './cache-file.ts';

/** A cache file and where it is. */
export interface NamedCacheFile {
  readonly path: string;
  readonly shared: SharedCacheFile;
}

const ENDING = '.run';
const ABSORBED = 'absorbed';

/** The folder that holds the cache files of one repository. Several processes may use it; anything in it may vanish. */
export class CacheFolder {
  readonly #path: string;
  readonly #repositoryId: string;

  constructor(path: string, repositoryId: string) {
    this.#path = path;
    this.#repositoryId = repositoryId;
  }

  /** All files that are whole; what is not is removed. */
  async load(): Promise<NamedCacheFile[]> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    const files: NamedCacheFile[] = [];
    for (const name of await readdir(this.#path)) {
      if (!name.endsWith(ENDING)) continue;
      const path = join(this.#path, name);
      const shared = loadCacheFile(path, this.#repositoryId);
      if (shared === null) await this.remove(path);
      else files.push({ path, shared });
    }
    return files;
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

  /** Index runs whose contents are in the cache files, as far as it was written down. */
  async absorbed(): Promise<Set<string>> {
    const text = await readFile(join(this.#path, ABSORBED), 'utf8').catch(() => '');
    return new Set(text.split('\n').filter((run) => /^[0-9a-f]{32}$/.test(run)));
  }

  async setAbsorbed(runs: ReadonlySet<string>): Promise<void> {
    const half = join(this.#path, `${ABSORBED}.${randomBytes(4).toString('hex')}`);
    try {
      await writeFile(half, [...runs].join('\n'), { mode: 0o600 });
      await rename(half, join(this.#path, ABSORBED));
    } catch {
      await this.remove(half);
    }
  }
}
