import { randomBytes } from 'node:crypto';
import { constants, statSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Call, FileSource, OwnerMark } from '@holdfast/api';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import { stampOf } from '@holdfast/kit/disk/stamp';
import type { FoundMachine } from '../inventory/inspect.ts';
import { syncFolder, workFolder, writeMark } from '../owned/marks.ts';
import { systemCode } from '../system-code.ts';
import { leftState } from './held.ts';

const stateFile = 'snapshot.json';
const idShape = /^snapshot-[0-9a-f]{32}$/;

/** What a file system says that cannot make copies that share their blocks, or a folder that may not be written. */
const cannotCopy = ['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EINVAL', 'ENOTTY', 'EACCES', 'EPERM', 'EROFS'];

export const isCopiedSnapshot = (id: string): boolean => idShape.test(id);

const folderOfSnapshot = (root: string, id: string): string => join(root, workFolder, id);

/**
 * Copies all images of a machine by sharing their blocks (XFS, Btrfs, …): it takes no time and no room, and the machine may
 * start while its copy is read. Answers `null` where the file system cannot, having left nothing behind.
 * @throws `DISK_CHANGED` when an image changed while they were copied.
 */
export async function copySnapshot(
  found: FoundMachine,
  root: string,
  owner: OwnerMark,
  call: Call,
): Promise<string | null> {
  const id = `snapshot-${randomBytes(16).toString('hex')}`;
  const folder = folderOfSnapshot(root, id);
  try {
    await mkdir(join(root, workFolder), { recursive: true, mode: 0o700 });
    await mkdir(folder, { mode: 0o700 });
    const title = `snapshot of ${found.machine.name}`;
    await writeMark(folder, { format: 'holdfast-owner', version: 1, kind: 'snapshot', id, title, owner, disks: [] });
    const sources: Record<string, FileSource> = {};
    let number = 0;
    for (const [key, { source }] of found.images) {
      throwIfCancelled(call.signal, 'taking a snapshot');
      number += 1;
      sources[key] = await copyChain(source, join(folder, `disk-${number}`));
    }
    if (!isUnchanged(found)) throw leftState(found.machine.name);
    await using handle = await open(join(folder, stateFile), 'wx', 0o600);
    await handle.writeFile(JSON.stringify({ version: 1, sources }));
    await handle.sync();
    await syncFolder(folder);
    return id;
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true }).catch(() => {});
    await rmdir(join(root, workFolder)).catch(() => {});
    if (cannotCopy.includes(systemCode(thrown))) return null;
    throw thrown;
  }
}

/** Removes a copied state. Idempotent. */
export async function removeSnapshot(root: string, id: string): Promise<void> {
  await rm(folderOfSnapshot(root, id), { recursive: true, force: true });
  // The last one leaves nothing of ours in the user's folder; while there is more in it, this fails.
  await rmdir(join(root, workFolder)).catch(() => {});
}

/** The source of a disk in a copied state. */
export async function openCopiedDisk(root: string, id: string, disk: string): Promise<FileSource> {
  const path = join(folderOfSnapshot(root, id), stateFile);
  try {
    const state = JSON.parse(await readFile(path, 'utf8')) as {
      readonly sources: Readonly<Record<string, FileSource>>;
    };
    const source = Object.hasOwn(state.sources, disk) ? state.sources[disk] : undefined;
    if (source !== undefined) return source;
  } catch (cause) {
    throw new HoldfastError('DISK_UNREADABLE', `the snapshot ${id} is not there any more`, {
      facts: { snapshot: id },
      cause,
    });
  }
  throw new HoldfastError('DISK_UNREADABLE', `the snapshot ${id} has no disk ${disk}`, {
    facts: { snapshot: id, disk },
  });
}

/** Copies keep their names, for the images above them name them. */
async function copyChain(source: FileSource, folder: string): Promise<FileSource> {
  const links = [{ path: source.path, format: source.format }, ...source.chain];
  const copies: { path: string; format: FileSource['format']; stamp: string }[] = [];
  for (const [index, link] of links.entries()) {
    const place = join(folder, String(index));
    await mkdir(place, { recursive: true, mode: 0o700 });
    const path = join(place, basename(link.path));
    await copyFile(link.path, path, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    copies.push({ path, format: link.format, stamp: stampOf(statSync(path, { bigint: true })) });
  }
  const [top, ...chain] = copies;
  if (top === undefined) throw new RangeError('a chain has no image');
  return { kind: 'file', ...top, chain, sizeBytes: source.sizeBytes };
}

function isUnchanged(found: FoundMachine): boolean {
  return [...found.images.values()].every(({ source }) =>
    [source, ...source.chain].every(({ path, stamp }) => stampOf(statSync(path, { bigint: true })) === stamp),
  );
}
