import { constants } from 'node:fs';
import { lstat, open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './failure.ts';
import { reserveFile } from './names.ts';

const leastBytes = 64 * 1024;
const mostBytes = 1024 * 1024;
/** Share of the disk that is taken for it. */
const share = 100;
/** It is made and filled up only where so many of it are free. */
const roomFor = 8;
const stepBytes = 16 * 1024;

/** What may be stored from the reserve: leases, tombstones and the like, never packs. */
export const smallBytes = 64 * 1024;

/**
 * Room that is kept back on a disk, so that a full one can be given back from: a collection has to write a few small objects before
 * it may remove anything. Zeros are really written, since holes would reserve nothing.
 */
export class Reserve {
  readonly #path: string;
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
    this.#path = join(root, reserveFile);
  }

  /** Makes it, or fills it up, when there is room enough for that to hinder nobody. */
  async fill(): Promise<void> {
    const { blocks, bavail, bsize } = await statfs(this.#root);
    const wanted = Math.min(mostBytes, Math.max(leastBytes, Math.floor((blocks * bsize) / share)));
    const has = await this.#size();
    if (has >= wanted || bavail * bsize < wanted * roomFor) return;
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW;
    await using handle = await open(this.#path, flags, 0o600);
    await handle.write(Buffer.alloc(wanted - has), 0, wanted - has, has);
    await handle.sync();
  }

  /** Gives up a piece of it for an object of so many bytes. Answers whether there was one that is ours to give. */
  async release(bytes: number): Promise<boolean> {
    try {
      const has = await this.#size();
      if (has === 0) return false;
      await using handle = await open(this.#path, constants.O_WRONLY | constants.O_NOFOLLOW);
      await handle.truncate(Math.max(0, has - stepBytes - Math.ceil(bytes / stepBytes) * stepBytes));
      // A file system with delayed allocation gives the blocks back with this.
      await handle.sync();
      return true;
    } catch (thrown) {
      // Then the disk is full, and that is what is to be told.
      if (systemCode(thrown) === '') throw thrown;
      return false;
    }
  }

  async #size(): Promise<number> {
    try {
      const stats = await lstat(this.#path);
      return stats.isFile() ? stats.size : 0;
    } catch (thrown) {
      if (systemCode(thrown) === 'ENOENT') return 0;
      throw thrown;
    }
  }
}
