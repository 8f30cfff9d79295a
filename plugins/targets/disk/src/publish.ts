import { link, lstat, rename, unlink } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/api';
import type { Claims } from './claims.ts';
import { syncFolder } from './durable.ts';
import { systemCode } from './failure.ts';

/** What a system says that has no hard links. */
const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** The call that makes a second name for a file, so that a test can stand for a file system without it. */
export type Link = (existing: string, added: string) => Promise<void>;

/** Gives a finished temporary file its name: the one step that makes an object exist. */
export class Publisher {
  readonly #claims: Claims;
  readonly #link: Link;
  /** Whether the file system has hard links; `null` until it was tried. */
  links: boolean | null = null;

  constructor(claims: Claims, linkFile: Link = link) {
    this.#claims = claims;
    this.#link = linkFile;
  }

  /**
   * Publishes `temporary` as `path` if nothing has that name, and makes the name durable. A link never replaces
   * anything, whoever else is writing, from whichever host. On success and on failure the temporary name is gone or
   * left for the sweep.
   */
  async ifAbsent(temporary: string, path: string, folder: string): Promise<void> {
    if (this.links !== false) {
      try {
        await this.#link(temporary, path);
        this.links = true;
      } catch (thrown) {
        if (systemCode(thrown) === 'EEXIST') throw taken(path);
        if (this.links === true || !noLinks.includes(systemCode(thrown))) throw thrown;
        this.links = false;
      }
    }
    if (this.links === false) await this.#byClaim(temporary, path);
    else await unlink(temporary).catch(() => {});
    try {
      await syncFolder(folder);
    } catch (thrown) {
      // The name may or may not survive a power cut, so the put has failed and no reader may see it.
      await unlink(path).catch(() => {});
      throw thrown;
    }
  }

  /** Publishes `temporary` as `path`, in place of what had that name. */
  async replace(temporary: string, path: string, folder: string): Promise<void> {
    await rename(temporary, path);
    await syncFolder(folder);
  }

  /** Where there are no links: whoever holds the claim on a name may look and then rename. Good for one host. */
  async #byClaim(temporary: string, path: string): Promise<void> {
    await using _claim = await this.#claims.take(path);
    const there = await lstat(path).catch((thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') return null;
      throw thrown;
    });
    if (there !== null) throw taken(path);
    await rename(temporary, path);
  }
}

export function taken(path: string): HoldfastError {
  return new HoldfastError('OBJECT_EXISTS', `${path} is there already`, { facts: { path } });
}
