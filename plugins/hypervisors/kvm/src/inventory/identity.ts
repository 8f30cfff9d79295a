import { statSync } from 'node:fs';
import type { Definition } from './definitions.ts';

/**
 * Identity of a machine: the UUID of its domain. Where there is none, the inode of its own folder, or of its image when it lies
 * loose, with the time at which that was made: it stays through renames and reboots, nothing has to be written into the user's
 * folder for it, and an inode that is used again does not make one machine of two. A copy, and a move to another file system,
 * is another machine.
 */
export function identityOf(definition: Definition, uuid: string | null, image: string | undefined): string {
  if (uuid !== null) return uuid;
  const path = definition.ownFolder ? definition.folder : (image ?? definition.xml ?? definition.folder);
  const { ino, birthtimeMs } = statSync(path, { bigint: true });
  return `${definition.ownFolder ? 'folder' : 'file'}-${ino}-${birthtimeMs}`;
}
