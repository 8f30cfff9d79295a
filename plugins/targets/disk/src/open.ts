import { mkdir } from 'node:fs/promises';
import { isAbsolute, join, normalize } from 'node:path';
import type { Call, ObjectStore, Opening } from '@holdfast/api';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import { keepShared } from './canaries.ts';
import { Claims } from './claims.ts';
import { DiskStore } from './disk-store.ts';
import { systemCode, targetFailure } from './failure.ts';
import { Folders } from './folders.ts';
import { Incoming } from './incoming.ts';
import { Mark, requireMarker } from './marker.ts';
import { incomingFolder } from './names.ts';
import type { Link } from './publish.ts';
import { Publisher } from './publish.ts';
import { Reserve } from './reserve.ts';
import { type Rights, rightsOf } from './rights.ts';
import { Settled } from './settled.ts';

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
  const now = options.now ?? Date.now;
  const appendOnly = opening.settings.appendOnly === true;
  try {
    await requireMarker(root, opening.settings.create === true, now());
    const mark = await Mark.of(root);
    const rights = await rightsOf(root);
    const incoming = new Incoming(join(root, incomingFolder), rights);
    const claims = new Claims(incoming.folder);
    const reserve = new Reserve(root);
    await prepare({ root, rights, incoming, claims, reserve: appendOnly ? null : reserve }, now(), call);
    const publisher = new Publisher(root, claims, options.link);
    const [folders, settled] = [new Folders(root, rights), new Settled(claims)];
    return new DiskStore({ root, mark, folders, incoming, publisher, settled, reserve, appendOnly, now });
  } catch (thrown) {
    throw targetFailure(thrown, 'opening the target', root);
  }
}

interface Preparation {
  readonly root: string;
  readonly rights: Rights;
  readonly incoming: Incoming;
  readonly claims: Claims;
  /** `null` where it is not ours to keep. */
  readonly reserve: Reserve | null;
}

/** Makes a target ready for writing. One that cannot be written, or is full, can still be read: restores go on. */
async function prepare(given: Preparation, now: number, call: Call): Promise<void> {
  const { root, rights, incoming, claims, reserve } = given;
  try {
    await mkdir(incoming.folder, { mode: rights.folder }).catch((thrown: unknown) => {
      if (systemCode(thrown) !== 'EEXIST') throw thrown;
    });
    await keepShared(root, rights);
    const removed = await incoming.sweep(now);
    await claims.sweep();
    await reserve?.fill();
    if (removed > 0)
      call.log('info', `removed ${removed} unfinished objects of writers that ended more than a day ago`);
  } catch (thrown) {
    if (!['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT'].includes(systemCode(thrown))) throw thrown;
    call.log('debug', 'the target cannot be written, or is full; it is opened for reading');
  }
}

function rootOf(path: unknown): string {
  if (typeof path === 'string' && isAbsolute(path) && !path.includes('\0'))
    return normalize(path).replace(/(.)\/+$/, '$1');
  throw new HoldfastError('CONFIG_INVALID', 'the path of a disk target must be an absolute path', {
    remedy: 'give the folder with its whole path, for example /srv/backup',
  });
}
