import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { openDiskSource } from '@holdfast/kit/disk/open';
import type { ChangedDisk } from './disk/change.ts';
import { changeFiles } from './disk/change.ts';
import { recogniseFileSystem } from './disk/recognise.ts';
import type { LabMachine } from './machine-folder.ts';
import { writeMark } from './machine-folder.ts';
import { convert } from './make-machine.ts';
import { Seeded } from './seeded.ts';

/** Changes a share of a lab machine's data, as a day's work would. The same machine, share and seed give the same bytes. */
export async function changeMachine(
  machine: LabMachine,
  percent: number,
  seed: number,
  call: Call,
): Promise<ChangedDisk> {
  const disk = join(machine.folder, machine.mark.disk);
  call.progress({ phase: `changing ${percent} % of ${machine.name}` });
  const random = new Seeded(`${machine.mark.seed} change ${seed}`);
  const result =
    machine.mark.diskFormat === 'raw'
      ? await changeRaw(disk, percent / 100, random, call.signal)
      : await changeQcow2(disk, percent / 100, random, call.signal);
  await writeMark(machine.folder, { ...machine.mark, changes: machine.mark.changes + 1 });
  return result;
}

async function changeRaw(path: string, ratio: number, random: Seeded, signal: AbortSignal): Promise<ChangedDisk> {
  const { size } = await stat(path);
  await using handle = await open(path, 'r+');
  const disk = await openDiskSource({ kind: 'file', path, format: 'raw', chain: [], sizeBytes: size });
  try {
    const fileSystem = await recogniseFileSystem(disk);
    if (fileSystem !== null) return await changeFiles(handle, fileSystem, ratio, random, signal);
  } finally {
    await disk.close();
  }
  throw new HoldfastError('DISK_INVALID', `${path} holds no file system that a lab machine has`, { facts: { path } });
}

/** Nothing of ours writes into a qcow2 image, so it goes there and back through a raw one; the old image stays until the new one stands. */
async function changeQcow2(path: string, ratio: number, random: Seeded, signal: AbortSignal): Promise<ChangedDisk> {
  const raw = `${path}.changing.raw`;
  const next = `${path}.changing`;
  try {
    await convert(path, raw, 'raw', signal, { keep: true });
    const result = await changeRaw(raw, ratio, random, signal);
    await convert(raw, next, 'qcow2', signal);
    await rename(next, path);
    return result;
  } finally {
    await rm(raw, { force: true });
    await rm(next, { force: true });
  }
}
