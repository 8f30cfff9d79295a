import { link, lstat, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import type { Claims } from './claims.ts';
import { syncFolder } from './durable.ts';
import { systemCode } from './failure.ts';

/** What a system says that has no hard links. */
const noLinks = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/** The call that makes a second name for a file, so that a test can stand for a file system without it. */
export type Link = (existing: string, added: string) => Promise<void>;

/** Where an object is to be. */
export interface Place {
  readonly name: string;
  /** Path of the folder, which is there. */
  readonly folder: string;
}

/**
 * Gives a finished temporary file its name: the one step that makes an object exist. Until that name is durable the temporary one stays beside it, or a
 * claim on the name is held: by that whoever sees the object knows that its folder is not synced yet (see `Settled`).
 */
export class Publisher {
  readonly #root: string;
  readonly #claims: Claims;
  readonly #link: Link;
  #tried: Promise<boolean> | null = null;
  /** Whether the file system has hard links, and counts them; `null` until it was tried. */
  links: boolean | null = null;

  constructor(root: string, claims: Claims, linkFile: Link = link) {
    this.#root = root;
    this.#claims = claims;
    this.#link = linkFile;
  }

  /**
   * Publishes `temporary` as an object if nothing has that name, and makes the name durable. A link never replaces
   * anything, whoever else is writing, from whichever host. On success and on failure the temporary name is gone or
   * left for the sweep. When the folder cannot be synced the put has failed, and the object stays: others may have seen it meanwhile, synced the folder
   * themselves and rely on it. It keeps its second name, so whoever meets it later syncs the folder first, too.
   */
  async ifAbsent(temporary: string, place: Place): Promise<void> {
    if (await this.#hasLinks(temporary)) await this.#byLink(temporary, place);
    else await this.#byClaim(temporary, place, 'if absent');
  }

  /** Publishes `temporary` as an object, in place of what had that name. */
  async replace(temporary: string, place: Place): Promise<void> {
    await this.#byClaim(temporary, place, 'in any case');
  }

  async #byLink(temporary: string, { name, folder }: Place): Promise<void> {
    const path = join(this.#root, name);
    try {
      await this.#link(temporary, path);
    } catch (thrown) {
      throw systemCode(thrown) === 'EEXIST' ? taken(path) : thrown;
    }
    try {
      await syncFolder(folder);
    } catch (thrown) {
      // Under another name, for who called drops the one that it knows.
      await rename(temporary, asUnsettled(temporary)).catch(() => {});
      throw thrown;
    }
    await unlink(temporary).catch(() => {});
  }

  /** Where there are no links: whoever holds the claim on a name may look and then rename. Good for one host. */
  async #byClaim(temporary: string, { name, folder }: Place, when: 'if absent' | 'in any case'): Promise<void> {
    const path = join(this.#root, name);
    await using _claim = await this.#claims.take(name);
    if (when === 'if absent' && (await isThere(path))) throw taken(path);
    await rename(temporary, path);
    try {
      await syncFolder(folder);
    } catch (thrown) {
      // The name may or may not survive a power cut. Only a link could go on saying so.
      if (when === 'if absent') await unlink(path).catch(() => {});
      throw thrown;
    }
  }

  /** Tried once, beside the temporary file: a folder that refuses a link of its own must not be taken for a file system without any. */
  async #hasLinks(temporary: string): Promise<boolean> {
    this.#tried ??= this.#tryLinks(temporary);
    try {
      this.links = await this.#tried;
      return this.links;
    } catch (thrown) {
      this.#tried = null;
      throw thrown;
    }
  }

  async #tryLinks(temporary: string): Promise<boolean> {
    const second = `${temporary.replace(/\.tmp$/, '')}-second.tmp`;
    try {
      await this.#link(temporary, second);
      // One that makes links and does not count them could not say that a name is not durable yet.
      return (await lstat(temporary)).nlink > 1;
    } catch (thrown) {
      if (noLinks.includes(systemCode(thrown))) return false;
      throw thrown;
    } finally {
      await unlink(second).catch(() => {});
    }
  }
}

const asUnsettled = (temporary: string): string => temporary.replace(/(\.tmp)?$/, '-unsettled.tmp');

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
}

export function taken(path: string): HoldfastError {
  return new HoldfastError('OBJECT_EXISTS', `${path} is there already`, { facts: { path } });
}
