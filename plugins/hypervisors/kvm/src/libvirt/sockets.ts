import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { systemCode } from '../system-code.ts';

/** A unix socket's path has room for 107 bytes; our names have 21. */
const mostFolderBytes = 80;

/** A folder for sockets of this process, by a path that is short enough for them. */
export interface SocketFolder {
  /** A path for a new socket. */
  next(): Promise<string>;
  folder(): Promise<string>;
}

/**
 * Sockets lie in the plugin's data folder, which is its owner's alone. Where that has a long path, a link in the folder for temporary things leads there;
 * one that is not ours, or leads elsewhere, is refused.
 */
export function socketFolder(dataFolder: string, temporary = '/tmp'): SocketFolder {
  let made: Promise<string> | null = null;
  const folder = (): Promise<string> => {
    made ??= make(join(dataFolder, 'sockets'), temporary).catch((thrown: unknown) => {
      made = null;
      throw thrown;
    });
    return made;
  };
  return { folder, next: async () => join(await folder(), socketName()) };
}

export const socketName = (): string => `${randomBytes(8).toString('hex')}.sock`;

async function make(folder: string, temporary: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (Buffer.byteLength(folder) <= mostFolderBytes) return folder;
  const uid = process.getuid?.() ?? 0;
  const link = join(temporary, `holdfast-${uid}-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`);
  try {
    await symlink(folder, link);
  } catch (thrown) {
    if (systemCode(thrown) !== 'EEXIST') throw thrown;
  }
  const there = await lstat(link);
  if (there.isSymbolicLink() && there.uid === uid && (await readlink(link)) === folder) return link;
  throw new HoldfastError('FOLDER_UNWRITABLE', `${link} is there and is not ours`, {
    remedy: 'remove it, or use a data folder with a shorter path',
    facts: { link },
  });
}
