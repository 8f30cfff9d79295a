import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { copyTree } from './copy-tree.ts';
import { domainXml } from './domain-xml.ts';
import { makeExt4 } from './ext4/make.ts';
import { makeFat32 } from './fat32/make.ts';
import type { LabMachine, LabMark } from './machine-folder.ts';
import { checkMachineName, writeMark } from './machine-folder.ts';
import type { PickedFile, PickFrom } from './pick-files.ts';
import { pickFiles, systemFolders } from './pick-files.ts';
import { findProgram, runProgram } from './programs.ts';

const mebibyte = 1024 * 1024;

/** What to make. */
export interface LabWish {
  readonly folder: string;
  readonly name: string;
  /** Bytes of files that the disk shall hold. */
  readonly dataBytes: number;
  readonly diskFormat: 'raw' | 'qcow2';
  /** `auto` is ext4 where there is a mke2fs, else FAT32. */
  readonly fileSystem: 'auto' | 'ext4' | 'fat32';
  readonly seed: number;
  /** Whether files of this system are used; `from` is used when they are too few. */
  readonly system: boolean;
  readonly from: readonly string[];
}

/** Makes a machine from real files of this system: a disk image and a libvirt domain, in a folder of their own. */
export async function makeMachine(wish: LabWish, call: Call): Promise<LabMachine> {
  await refuseTaken(wish);
  const { name } = wish;
  const folder = join(wish.folder, name);
  await mkdir(wish.folder, { recursive: true, mode: 0o700 });
  const making = join(wish.folder, `.making-${name}-${randomBytes(4).toString('hex')}`);
  await mkdir(making, { mode: 0o700 });
  try {
    const mark = await fillFolder(making, folder, wish, call);
    await refuseTaken(wish);
    await rename(making, folder);
    return { name, folder, mark };
  } catch (thrown) {
    await rm(making, { recursive: true, force: true });
    throw thrown;
  }
}

async function fillFolder(making: string, folder: string, wish: LabWish, call: Call): Promise<LabMark> {
  call.progress({ phase: 'picking files of this machine' });
  const files = await pick(wish, call.signal);
  const dataBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (dataBytes < wish.dataBytes) {
    call.log(
      'warn',
      `only ${Math.round(dataBytes / mebibyte)} MiB of readable files were found; give more folders with --from`,
    );
  }
  call.progress({ phase: 'making the disk', totalBytes: dataBytes });
  const raw = join(making, `${wish.name}.raw`);
  const uuid = uuidOf(`${wish.name} ${wish.seed}`);
  const { fileSystem, count } = await makeDisk(raw, making, files, uuid, wish, call.signal);
  const disk = `${wish.name}.${wish.diskFormat}`;
  if (wish.diskFormat === 'qcow2') await convert(raw, join(making, disk), 'qcow2', call.signal);
  const xml = domainXml(wish.name, uuid, join(folder, disk), wish.diskFormat);
  await writeFile(join(making, `${wish.name}.xml`), xml, { mode: 0o600 });
  const mark: LabMark = {
    format: 'holdfast-lab',
    version: 1,
    seed: wish.seed,
    fileSystem,
    diskFormat: wish.diskFormat,
    disk,
    files: count,
    dataBytes,
    changes: 0,
  };
  await writeMark(making, mark);
  return mark;
}

async function makeDisk(
  image: string,
  making: string,
  files: readonly PickedFile[],
  uuid: string,
  wish: LabWish,
  signal: AbortSignal,
): Promise<{ readonly fileSystem: 'ext4' | 'fat32'; readonly count: number }> {
  const mke2fs = wish.fileSystem === 'fat32' ? null : await findProgram('mke2fs');
  if (mke2fs === null && wish.fileSystem === 'ext4') {
    throw new HoldfastError('UNSUPPORTED', 'mke2fs is not installed, so no ext4 file system can be made', {
      remedy: 'install e2fsprogs, or take --file-system fat32',
    });
  }
  const blocksBytes = files.reduce((sum, file) => sum + Math.ceil(file.sizeBytes / 4096) * 4096 + 1024, 0);
  const sizeBytes = Math.ceil((blocksBytes * 1.25 + 64 * mebibyte) / mebibyte) * mebibyte;
  if (mke2fs === null) {
    const serial = Number.parseInt(uuid.slice(0, 8), 16);
    return { fileSystem: 'fat32', count: await makeFat32(image, sizeBytes, files, serial, signal) };
  }
  const tree = join(making, 'tree');
  await mkdir(tree);
  await copyTree(files, tree, signal);
  await makeExt4(mke2fs, image, sizeBytes, tree, files.length, uuid, signal);
  await rm(tree, { recursive: true });
  return { fileSystem: 'ext4', count: files.length };
}

async function pick(wish: LabWish, signal: AbortSignal): Promise<readonly PickedFile[]> {
  const own: PickFrom[] = wish.from.map((path, index) => ({ folder: path, as: `srv/files-${index + 1}` }));
  const picked = wish.system ? await pickFiles(systemFolders, wish.dataBytes, signal) : [];
  const missing = wish.dataBytes - picked.reduce((sum, file) => sum + file.sizeBytes, 0);
  const more = missing > 0 ? await pickFiles(own, missing, signal) : [];
  if (picked.length + more.length > 0) return [...picked, ...more];
  throw new HoldfastError('UNSUPPORTED', 'no readable files were found to make a lab machine from', {
    remedy: 'name a folder with files in it with --from',
  });
}

/** Converts between image formats with QEMU's own tool. What was converted is removed unless it is to be kept. */
export async function convert(
  from: string,
  to: string,
  format: 'raw' | 'qcow2',
  signal: AbortSignal,
  how: { readonly keep?: boolean } = {},
): Promise<void> {
  const qemuImg = await findProgram('qemu-img');
  if (qemuImg === null) {
    throw new HoldfastError('UNSUPPORTED', 'qemu-img is not installed, so no qcow2 image can be made', {
      remedy: 'install qemu-utils, or take --format raw',
    });
  }
  const origin = format === 'raw' ? 'qcow2' : 'raw';
  await runProgram(qemuImg, ['convert', '-f', origin, '-O', format, from, to], signal);
  if (how.keep !== true) await rm(from);
}

/** @throws `NAME_INVALID`, and `NAME_TAKEN` when there is something of this name already. */
export async function refuseTaken({ folder: parent, name }: Pick<LabWish, 'folder' | 'name'>): Promise<void> {
  const folder = join(parent, checkMachineName(name));
  const there = await lstat(folder).catch(() => null);
  if (there === null) return;
  throw new HoldfastError('NAME_TAKEN', `there is a lab machine or something else named ${name} already`, {
    remedy: `choose another name, or remove it: \`holdfast lab remove ${name}\``,
    facts: { folder },
  });
}

/** A UUID of version 8 (RFC 9562) that depends on a text alone. */
function uuidOf(text: string): string {
  const bytes = createHash('sha256').update(`holdfast lab machine ${text}`).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
