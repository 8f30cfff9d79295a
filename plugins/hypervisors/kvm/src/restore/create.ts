import { randomBytes, randomUUID } from 'node:crypto';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { MachineId, MachineSpec } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import { parseDomain } from '../domain/parse.ts';
import { plainDomain, rewriteDomain } from '../domain/rewrite.ts';
import { syncFolder, workFolder, writeMark } from '../owned/marks.ts';
import { systemCode } from '../system-code.ts';
import { restoreFailure, taken } from './failure.ts';
import { checkMachineName, folderNameOf, imageNamesOf, targetsOf } from './names.ts';

const libvirt = 'application/x-libvirt+xml';

/**
 * Makes a machine with empty disks: a folder with raw images and a domain definition. It is made aside, marked first, and moved to its
 * place when it is whole.
 * @throws `NAME_TAKEN`, `NAME_INVALID`, `DISK_SPACE`, `DISK_UNWRITABLE`
 */
export async function createMachine(root: string, spec: MachineSpec): Promise<MachineId> {
  checkMachineName(spec.name);
  const id = randomUUID();
  const folder = join(root, folderNameOf(spec.name));
  await refuseTaken(folder, spec.name);
  const making = join(root, workFolder, `machine-${randomBytes(16).toString('hex')}`);
  try {
    await mkdir(join(root, workFolder), { recursive: true, mode: 0o700 });
    await mkdir(making, { mode: 0o700 });
    const files = imageNamesOf(spec.disks.map((disk) => disk.key));
    const disks = spec.disks.map(({ key, sizeBytes }, index) => ({ key, sizeBytes, file: files[index] ?? '' }));
    const title = `machine ${spec.name}, half restored`;
    const mark = {
      format: 'holdfast-owner',
      version: 1,
      kind: 'machine',
      id,
      title,
      owner: spec.owner,
      disks,
    } as const;
    await writeMark(making, mark);
    for (const disk of disks) await makeImage(join(making, disk.file), disk.sizeBytes);
    await writeText(join(making, 'domain.xml'), definitionOf(spec, id, folder, files));
    await syncFolder(making);
    await refuseTaken(folder, spec.name);
    await rename(making, folder);
    await syncFolder(root);
    return id;
  } catch (thrown) {
    await rm(making, { recursive: true, force: true });
    throw restoreFailure(thrown, folder, spec.name);
  }
}

/** The definition that was protected where it is one of ours, else a plain one. */
function definitionOf(spec: MachineSpec, uuid: string, folder: string, files: readonly string[]): string {
  const paths = files.map((file) => join(folder, file));
  if (spec.config?.mediaType === libvirt && hasDisks(spec.config.text, spec.disks)) {
    const disks = new Map(spec.disks.map(({ key }, index) => [key, paths[index] ?? '']));
    return rewriteDomain(spec.config.text, { name: spec.name, uuid, disks });
  }
  const targets = targetsOf(spec.disks.map((disk) => disk.key));
  const disks = new Map(targets.map((target, index) => [target, paths[index] ?? '']));
  const { memoryBytes = 2 ** 30, cpus = 1 } = spec;
  return plainDomain({ name: spec.name, uuid, disks, memoryBytes, cpus });
}

/** Whether a definition has a place for each disk; one that has not, or cannot be read, would make a machine without its data. */
function hasDisks(text: string, wanted: MachineSpec['disks']): boolean {
  try {
    const keys = new Set(parseDomain(text).disks.map((disk) => disk.key));
    return wanted.every((disk) => keys.has(disk.key));
  } catch (thrown) {
    if (isHoldfastError(thrown, 'CONFIG_INVALID')) return false;
    throw thrown;
  }
}

/** An image of full size that holds zeros and takes no room. */
async function makeImage(path: string, sizeBytes: number): Promise<void> {
  await using handle = await open(path, 'wx', 0o600);
  await handle.truncate(sizeBytes);
  await handle.sync();
}

async function writeText(path: string, text: string): Promise<void> {
  await using handle = await open(path, 'wx', 0o600);
  await handle.writeFile(text);
  await handle.sync();
}

async function refuseTaken(folder: string, name: string): Promise<void> {
  const there = await lstat(folder).catch((thrown: unknown) => {
    if (systemCode(thrown) === 'ENOENT') return null;
    throw thrown;
  });
  if (there !== null) throw taken(name, folder);
}
