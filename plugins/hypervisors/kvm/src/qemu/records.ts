import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lchown, mkdir, open, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OwnerMark } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { syncFolder, workFolder } from '../owned/marks.ts';
import { systemCode } from '../system-code.ts';

/** A disk of a snapshot of a machine that runs. */
export interface RecordedDisk {
  readonly key: string;
  /** QEMU's name of the node that the guest writes to. */
  readonly node: string;
  readonly sizeBytes: number;
  /** Absolute path of the scratch image. */
  readonly scratch: string;
  /** What tracks changes from this snapshot on: bitmap and token. `null` when nothing does. */
  readonly tracked: { readonly bitmap: string; readonly token: string } | null;
  /** What tells of changes since earlier snapshots: token, and the bitmap that was frozen for it. */
  readonly since: readonly { readonly token: string; readonly bitmap: string }[];
  /** Why changes since a token are not known. */
  readonly lost: readonly { readonly token: string; readonly why: string }[];
}

/**
 * All that a snapshot makes in the world, written down before anything of it is made. It lies in the folder of sockets, and beside each
 * scratch image: the first may be gone after the host restarts.
 */
export interface SnapshotRecord {
  readonly format: 'holdfast-qemu-snapshot';
  readonly version: 1;
  readonly id: string;
  readonly title: string;
  readonly owner: OwnerMark;
  /** Identity of the machine, and the name of its socket. */
  readonly machine: string;
  readonly name: string;
  readonly disks: readonly RecordedDisk[];
}

const idShape = /^qemu-[0-9a-f]{16}$/;
const recordFile = 'owner.json';
const mostBytes = 1024 * 1024;

export const newSnapshotId = (): string => `qemu-${randomBytes(8).toString('hex')}`;
export const isSnapshotId = (id: string): boolean => idShape.test(id);

const bare = (id: string): string => id.slice('qemu-'.length);

/** Folder of a snapshot in the folder of sockets. */
const homeOf = (sockets: string, id: string): string => join(sockets, workFolder, bare(id));

/** Where QEMU serves the disks of a snapshot. A socket's path has at most 107 bytes, so everything on the way to it is short. */
export const nbdSocketOf = (sockets: string, id: string): string => join(homeOf(sockets, id), 'nbd');

/** Names within QEMU of what belongs to a disk of a snapshot: at most 31 characters. */
export const exportOf = (id: string, index: number): string => `hf-${bare(id)}-${index}`;
export const fileNodeOf = (id: string, index: number): string => `${exportOf(id, index)}f`;

/** Where scratch of a snapshot goes, in a folder; it begins with a dot so that nobody takes it for a disk. */
export const scratchOf = (folder: string, id: string, index: number): string =>
  join(folder, `.holdfast-${bare(id)}-${index}.qcow2`);

const besideOf = (folder: string, id: string): string => join(folder, `.holdfast-${bare(id)}.json`);

/** Folder for scratch that has no better place. */
export const homeScratch = homeOf;

/** Writes a record, durably, wherever it belongs, before anything that it names is made. */
export async function writeRecord(
  sockets: string,
  record: SnapshotRecord,
  owner: { readonly uid: number; readonly gid: number } | null,
): Promise<void> {
  const home = homeOf(sockets, record.id);
  const text = JSON.stringify(record);
  try {
    // Machines of several users may share it; what is of one machine is that user's alone.
    await mkdir(dirname(home), { recursive: true, mode: 0o711 });
    await mkdir(home, { mode: 0o700 });
    if (owner !== null) await lchown(home, owner.uid, owner.gid);
    for (const path of recordPaths(sockets, record)) {
      await using handle = await open(path, 'wx', 0o600);
      await handle.writeFile(text);
      await handle.sync();
      await syncFolder(dirname(path));
    }
    await syncFolder(dirname(home));
  } catch (thrown) {
    const code = systemCode(thrown);
    if (code === '') throw thrown;
    throw new HoldfastError(
      code === 'ENOSPC' ? 'DISK_SPACE' : 'FOLDER_UNWRITABLE',
      `nothing can be written where scratch of ${record.title} would go (${code})`,
      {
        remedy: 'give the user that Holdfast runs as the right to write there, or set `scratch` of the endpoint',
        facts: { machine: record.machine },
        cause: thrown,
      },
    );
  }
}

/** Removes a record. It goes last: as long as it is there, somebody finds what is left. */
export async function removeRecord(sockets: string, record: SnapshotRecord): Promise<void> {
  const home = homeOf(sockets, record.id);
  for (const path of recordPaths(sockets, record).toReversed()) await rm(path, { force: true });
  await rm(home, { recursive: true, force: true });
  await rmdir(dirname(home)).catch(() => {});
}

/** Every record in the folder of sockets and in these folders of scratch, each once. */
export async function findRecords(sockets: string, scratch: Iterable<string>): Promise<readonly SnapshotRecord[]> {
  const found = new Map<string, SnapshotRecord>();
  const add = (record: SnapshotRecord | null): void => {
    if (record !== null && !found.has(record.id)) found.set(record.id, record);
  };
  for (const name of await namesIn(join(sockets, workFolder))) {
    if (isSnapshotId(`qemu-${name}`))
      add(await readRecord(join(sockets, workFolder, name, recordFile), `qemu-${name}`));
  }
  for (const folder of new Set(scratch)) {
    for (const name of await namesIn(folder)) {
      const id = /^\.holdfast-([0-9a-f]{16})\.json$/.exec(name)?.[1];
      if (id !== undefined) add(await readRecord(join(folder, name), `qemu-${id}`));
    }
  }
  return [...found.values()];
}

/** One record, or `null` when there is none of this identity. */
export async function findRecord(
  sockets: string,
  scratch: () => Promise<Iterable<string>>,
  id: string,
): Promise<SnapshotRecord | null> {
  if (!isSnapshotId(id)) return null;
  const near = await readRecord(join(homeOf(sockets, id), recordFile), id);
  if (near !== null) return near;
  for (const folder of new Set(await scratch())) {
    const beside = await readRecord(besideOf(folder, id), id);
    if (beside !== null) return beside;
  }
  return null;
}

function recordPaths(sockets: string, record: SnapshotRecord): readonly string[] {
  const home = homeOf(sockets, record.id);
  const folders = new Set(record.disks.map(({ scratch }) => dirname(scratch)));
  folders.delete(home);
  return [join(home, recordFile), ...[...folders].map((folder) => besideOf(folder, record.id))];
}

/** A file that does not parse is none of ours: what it names is left alone. */
async function readRecord(path: string, id: string): Promise<SnapshotRecord | null> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = await handle.stat();
    if (size > mostBytes) return null;
    const record: unknown = JSON.parse(await handle.readFile('utf8'));
    return isRecordOf(record, id) ? record : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || systemCode(thrown) !== '') return null;
    throw thrown;
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isTextIn = (value: Readonly<Record<string, unknown>>, ...keys: readonly string[]): boolean =>
  keys.every((key) => typeof value[key] === 'string');

function isRecordOf(value: unknown, id: string): value is SnapshotRecord {
  if (!isObject(value) || !isObject(value.owner) || !Array.isArray(value.disks)) return false;
  return (
    value.format === 'holdfast-qemu-snapshot' &&
    value.version === 1 &&
    value.id === id &&
    isTextIn(value, 'title', 'machine', 'name') &&
    isTextIn(value.owner, 'site', 'intent', 'run') &&
    typeof value.owner.createdAt === 'number' &&
    value.disks.every((disk, index) => isDisk(disk, id, index))
  );
}

/** Only a name that a snapshot gives its scratch is ever believed: what is named here is removed. */
function isDisk(value: unknown, id: string, index: number): boolean {
  if (!isObject(value) || !isTextIn(value, 'key', 'node', 'scratch')) return false;
  const { scratch, tracked, since, lost } = value;
  return (
    scratch === scratchOf(dirname(String(scratch)), id, index) &&
    Number.isSafeInteger(value.sizeBytes) &&
    (tracked === null || (isObject(tracked) && isTextIn(tracked, 'bitmap', 'token'))) &&
    Array.isArray(since) &&
    since.every((one) => isObject(one) && isTextIn(one, 'token', 'bitmap')) &&
    Array.isArray(lost) &&
    lost.every((one) => isObject(one) && isTextIn(one, 'token', 'why'))
  );
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);
