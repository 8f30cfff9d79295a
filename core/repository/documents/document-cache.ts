import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Sealed documents kept on this machine as they are, under the name of their object. Nothing here is trusted: whoever takes one opens it
 * with the key of the repository, as if it came from the store. Anything may vanish at any time; a cache that cannot be written is no failure.
 */
export class DocumentCache {
  readonly #folder: string;
  #made: Promise<unknown> | null = null;

  /** @param folder Of this repository alone. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(name: string): Promise<Uint8Array | null> {
    try {
      return await readFile(this.#path(name));
    } catch {
      return null;
    }
  }

  async put(name: string, sealed: Uint8Array): Promise<void> {
    const path = this.#path(name);
    const half = `${path}.${randomBytes(4).toString('hex')}.new`;
    try {
      this.#made ??= mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.#made;
      await writeFile(half, sealed, { mode: 0o600 });
      await rename(half, path);
    } catch {
      await rm(half, { force: true }).catch(() => {});
    }
  }

  /** Drops what is cached but not among the names. */
  async keepOnly(names: ReadonlySet<string>): Promise<void> {
    const kept = new Set([...names].map(fileName));
    const files = await readdir(this.#folder).catch(() => []);
    for (const file of files) {
      if (kept.has(file) || file.endsWith('.new')) continue;
      await rm(join(this.#folder, file), { force: true }).catch(() => {});
    }
  }

  #path(name: string): string {
    return join(this.#folder, fileName(name));
  }
}

const fileName = (name: string): string => name.replaceAll('/', '_');
