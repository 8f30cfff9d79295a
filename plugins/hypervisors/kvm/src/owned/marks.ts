import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { OwnerMark } from '@holdfast/api';
import { systemCode } from '../system-code.ts';

/** Folder of Holdfast's own things in the endpoint's folder. */
export const workFolder = '.holdfast';
/** Lies in everything that Holdfast makes until it is removed or becomes the user's. */
export const markFile = '.holdfast-owner.json';
const mostMarkBytes = 256 * 1024;

/** A disk of a machine that is being restored. */
export interface MarkedDisk {
  readonly key: string;
  /** Name of its image in the machine's folder. */
  readonly file: string;
  readonly sizeBytes: number;
}

/** What is written on a snapshot or a machine that is not yet the user's. */
export interface Mark {
  readonly format: 'holdfast-owner';
  readonly version: 1;
  readonly kind: 'snapshot' | 'machine';
  /** Identity of what is marked. */
  readonly id: string;
  readonly title: string;
  readonly owner: OwnerMark;
  readonly disks: readonly MarkedDisk[];
}

/** Something marked, and the folder that it is. */
export interface Marked {
  readonly folder: string;
  readonly mark: Mark;
}

/** Writes a mark, durably, before anything else is put into the folder. */
export async function writeMark(folder: string, mark: Mark): Promise<void> {
  await using handle = await open(join(folder, markFile), 'wx', 0o600);
  await handle.writeFile(`${JSON.stringify(mark, null, 2)}\n`);
  await handle.sync();
  await syncFolder(folder);
}

/** Everything in an endpoint's folder that carries a mark. */
export async function findMarked(root: string): Promise<readonly Marked[]> {
  const folders = [...(await foldersIn(root)), ...(await foldersIn(join(root, workFolder)))];
  const marked = await Promise.all(folders.map(readMark));
  return marked.filter((one) => one !== null);
}

/** A mark that does not parse is none of ours: what it lies in is left alone. */
async function readMark(folder: string): Promise<Marked | null> {
  try {
    await using handle = await open(join(folder, markFile), constants.O_RDONLY | constants.O_NOFOLLOW);
    const { size } = await handle.stat();
    if (size > mostMarkBytes) return null;
    const mark: unknown = JSON.parse(await handle.readFile('utf8'));
    return isMark(mark) ? { folder, mark } : null;
  } catch (thrown) {
    if (thrown instanceof SyntaxError || systemCode(thrown) !== '') return null;
    throw thrown;
  }
}

async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== workFolder)
    .map((entry) => join(path, entry.name));
}

export async function syncFolder(path: string): Promise<void> {
  await using handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await handle.sync().catch((thrown: unknown) => {
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP'].includes(systemCode(thrown))) throw thrown;
  });
}

function isMark(value: unknown): value is Mark {
  if (!isRecord(value) || !isRecord(value.owner) || !Array.isArray(value.disks)) return false;
  const { site, intent, run, createdAt } = value.owner;
  return (
    value.format === 'holdfast-owner' &&
    value.version === 1 &&
    (value.kind === 'snapshot' || value.kind === 'machine') &&
    [value.id, value.title, site, intent, run].every((text) => typeof text === 'string') &&
    typeof createdAt === 'number' &&
    value.disks.every(isMarkedDisk)
  );
}

function isMarkedDisk(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value.key === 'string' &&
    typeof value.file === 'string' &&
    /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(value.file) &&
    Number.isSafeInteger(value.sizeBytes)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
