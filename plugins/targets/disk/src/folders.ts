import type { Stats } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { syncFolder } from './durable.ts';
import { systemCode } from './failure.ts';
import { type Rights, share } from './rights.ts';

/**
 * The folders between the root and the objects. Each is made at most once, is durable before anything is put into it,
 * and is a real folder: a symbolic link in its place is refused.
 */
export class Folders {
  readonly #root: string;
  readonly #rights: Rights;
  readonly #durable = new Set<string>();
  readonly #seen = new Set<string>();

  constructor(root: string, rights: Rights) {
    this.#root = root;
    this.#rights = rights;
  }

  /** Makes the folder of an object, and those above it. Never the root: that one is there, or the target is not. */
  async make(segments: readonly string[]): Promise<string> {
    let path = this.#root;
    for (const segment of segments) {
      const parent = path;
      path = join(parent, segment);
      if (this.#durable.has(path)) continue;
      await this.#makeOne(path);
      refuseOther(await lstat(path), path);
      // Also when another process made it: it may not have got as far as this.
      await syncFolder(parent);
      this.#durable.add(path);
    }
    return path;
  }

  async #makeOne(path: string): Promise<void> {
    try {
      await mkdir(path, { mode: this.#rights.folder });
    } catch (thrown) {
      if (systemCode(thrown) === 'EEXIST') return;
      throw thrown;
    }
    await share(path, this.#rights.folder, this.#rights);
  }

  /** The folder of an object that is to be read. Answers `null` when it is not there. */
  async find(segments: readonly string[]): Promise<string | null> {
    let path = this.#root;
    for (const segment of segments) {
      path = join(path, segment);
      if (this.#seen.has(path)) continue;
      const stats = await lstat(path).catch((thrown: unknown) => {
        if (['ENOENT', 'ENOTDIR'].includes(systemCode(thrown))) return null;
        throw thrown;
      });
      if (stats === null || stats.isFile()) return null;
      refuseOther(stats, path);
      this.#seen.add(path);
    }
    return path;
  }

  /** Forgets what is known, after something that was known turned out to be gone. */
  forget(): void {
    this.#durable.clear();
    this.#seen.clear();
  }
}

function refuseOther(stats: Stats, path: string): void {
  if (stats.isDirectory()) return;
  if (stats.isSymbolicLink()) {
    throw new HoldfastError('TARGET_IO', `${path} is a symbolic link where a folder should be`, {
      remedy: 'find out who put it there; Holdfast follows no links inside a target',
      facts: { path },
    });
  }
  throw new HoldfastError('NAME_INVALID', `${path} is an object and cannot be a folder of objects as well`, {
    facts: { path },
  });
}
