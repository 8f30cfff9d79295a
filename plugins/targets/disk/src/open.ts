import { mkdir } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import type { Call, ObjectStore, Opening } from '@holdfast/api';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import { Claims } from './claims.ts';
import { DiskStore } from './disk-store.ts';
import { systemCode, targetFailure } from './failure.ts';
import { Folders } from './folders.ts';
import { Incoming } from './incoming.ts';
import { requireMarker } from './marker.ts';
import { incomingFolder } from './names.ts';
import type { Link } from './publish.ts';
import { Publisher } from './publish.ts';

/** What a test may put in the place of the world. */
export interface DiskTargetOptions {
  readonly now?: () => number;
  readonly link?: Link;
}

/**
 * Opens a folder as a target; sweeps up what dead writers left in it.
 * @throws `TARGET_UNREACHABLE` when the folder is not there or has not been made a target with `create`.
 */
export async function openDiskTarget(
  opening: Pick<Opening, 'settings'>,
  call: Call,
  options: DiskTargetOptions = {},
): Promise<ObjectStore> {
  throwIfCancelled(call.signal, 'opening the target');
  const root = rootOf(opening.settings.path);
  const now = (options.now ?? Date.now)();
  try {
    await requireMarker(root, opening.settings.create === true, now);
    const incoming = new Incoming(join(root, incomingFolder));
    const claims = new Claims(incoming.folder);
    await sweep(incoming, claims, now, call);
    const publisher = new Publisher(claims, options.link);
    return new DiskStore({ root, folders: new Folders(root), incoming, publisher });
  } catch (thrown) {
    throw targetFailure(thrown, 'opening the target', root);
  }
}

/** A target that cannot be written can still be read: restores go on. */
async function sweep(incoming: Incoming, claims: Claims, now: number, call: Call): Promise<void> {
  try {
    await mkdir(incoming.folder, { mode: 0o700 }).catch((thrown: unknown) => {
      if (systemCode(thrown) !== 'EEXIST') throw thrown;
    });
    const removed = await incoming.sweep(now);
    await claims.sweep();
    if (removed > 0)
      call.log('info', `removed ${removed} unfinished objects of writers that ended more than a day ago`);
  } catch (thrown) {
    if (!['EROFS', 'EACCES', 'EPERM'].includes(systemCode(thrown))) throw thrown;
    call.log('debug', 'the target cannot be written; it is opened for reading');
  }
}

function rootOf(path: unknown): string {
  if (typeof path === 'string' && isAbsolute(path) && !path.includes('\0'))
    return normalize(path).replace(/(.)\/+$/, '$1');
  throw new HoldfastError('CONFIG_INVALID', 'the path of a disk target must be an absolute path', {
    remedy: 'give the folder with its whole path, for example /srv/backup',
  });
}
