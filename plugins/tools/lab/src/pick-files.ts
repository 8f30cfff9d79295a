import type { Dirent } from 'node:fs';
import { access, constants, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { throwIfCancelled } from '@holdfast/api';

/** A file of this machine that goes onto a lab disk. */
export interface PickedFile {
  /** Where it lies here. */
  readonly source: string;
  /** Where it goes, without a slash in front. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** A folder to take files from, and what it is called on the disk. */
export interface PickFrom {
  readonly folder: string;
  readonly as: string;
}

/** Folders of a usual system that anybody may read. */
export const systemFolders: readonly PickFrom[] = [
  '/usr/lib',
  '/usr/share',
  '/usr/bin',
  '/usr/libexec',
  '/usr/local',
].map((folder) => ({ folder, as: folder.slice(1) }));

/** What is larger than this would make the disk of a few files only. */
const mostFileBytes = 128 * 1024 * 1024;
const defaultMostFiles = 40_000;

/**
 * Picks readable files until they are as many bytes as wanted, or there are no more. Each folder first gives its even share,
 * so that a disk holds programs as well as documents; always in the same order, so that the same system gives the same disk.
 */
export async function pickFiles(
  from: readonly PickFrom[],
  wantedBytes: number,
  signal: AbortSignal,
  mostFiles = defaultMostFiles,
): Promise<readonly PickedFile[]> {
  const picked: PickedFile[] = [];
  const walks = from.map(({ folder, as }) => walk(folder, as, signal));
  let total = 0;
  const take = async (walker: AsyncGenerator<PickedFile>, shareBytes: number): Promise<void> => {
    for (let taken = 0; taken < shareBytes && total < wantedBytes && picked.length < mostFiles; ) {
      const next = await walker.next();
      if (next.done === true) return;
      picked.push(next.value);
      taken += next.value.sizeBytes;
      total += next.value.sizeBytes;
    }
  };
  for (const walker of walks) await take(walker, wantedBytes / walks.length);
  for (const walker of walks) await take(walker, wantedBytes);
  return picked;
}

async function* walk(folder: string, as: string, signal: AbortSignal): AsyncGenerator<PickedFile> {
  throwIfCancelled(signal, 'picking files');
  const entries: Dirent[] = await readdir(folder, { withFileTypes: true }).catch(() => []);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const source = join(folder, entry.name);
    const path = `${as}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(source, path, signal);
    if (!entry.isFile()) continue;
    const stats = await lstat(source).catch(() => null);
    if (stats === null || stats.size === 0 || stats.size > mostFileBytes || !(await isReadable(source))) continue;
    yield { source, path, sizeBytes: stats.size };
  }
}

async function isReadable(path: string): Promise<boolean> {
  return access(path, constants.R_OK).then(
    () => true,
    () => false,
  );
}
