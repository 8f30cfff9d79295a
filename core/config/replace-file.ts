import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errnoOf } from './read-text.ts';

export interface ReplaceOptions {
  /** Permission bits of the file. */
  readonly mode: number;
  /** A file that is there keeps its own permission bits. Default is `false`. */
  readonly keepMode?: boolean;
}

/**
 * Writes a small file so that, whatever happens, it holds either all of the old or all of the new content:
 * temporary file beside it, fsync, rename, fsync of the folder.
 */
export async function replaceFile(file: string, content: string | Uint8Array, options: ReplaceOptions): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.new`;
  const mode = options.keepMode === true ? ((await modeOf(file)) ?? options.mode) : options.mode;
  try {
    {
      await using handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
      await handle.chmod(mode);
      await handle.writeFile(content);
      await handle.sync();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await using folder = await open(dirname(file), constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync();
}

async function modeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).mode & 0o777;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}
