import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { throwIfCancelled } from '@holdfast/api';
import type { PickedFile } from '../pick-files.ts';
import { folderBytes } from './entries.ts';
import type { FatFile, FatFolder, FatPlan } from './plan.ts';
import { planFat32, sectorBytes } from './plan.ts';

const copyBytes = 4 * 1024 * 1024;
const endOfChain = 0x0fffffff;

/**
 * Makes an image with a FAT32 file system that holds the files, where there is no mke2fs: everything in one piece, in order.
 * Names that FAT cannot hold are left out. Answers how many files it holds.
 * @see Microsoft, FAT32 File System Specification 1.03
 */
export async function makeFat32(
  image: string,
  sizeBytes: number,
  files: readonly PickedFile[],
  serial: number,
  signal: AbortSignal,
): Promise<number> {
  const plan = planFat32(files, sizeBytes);
  await using handle = await open(image, 'wx', 0o600);
  await handle.truncate(plan.sizeBytes);
  const fat = new FatTable(plan);
  const count = await writeFolder(handle, plan, fat, plan.root, signal);
  const sectors = bootSectors(plan, serial, fat.used);
  await handle.write(sectors, 0, sectors.length, 0);
  await handle.write(sectors, 0, sectors.length, 6 * sectorBytes);
  const table = fat.bytes();
  await handle.write(table, 0, table.length, plan.dataOffset - 2 * plan.fatBytes);
  await handle.write(table, 0, table.length, plan.dataOffset - plan.fatBytes);
  await handle.sync();
  return count;
}

/** The file allocation table, as far as it is in use. */
class FatTable {
  used = 2;
  readonly #entries: Uint32Array;

  constructor(plan: FatPlan) {
    this.#entries = new Uint32Array(plan.fatBytes / 4);
    this.#entries[0] = 0x0ffffff8;
    this.#entries[1] = endOfChain;
  }

  chain(thing: FatFile | FatFolder): void {
    const end = thing.cluster + thing.clusters;
    for (let cluster = thing.cluster; cluster < end; cluster += 1) {
      this.#entries[cluster] = cluster + 1 === end ? endOfChain : cluster + 1;
    }
    this.used = Math.max(this.used, end);
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(this.used * 4);
    for (let entry = 0; entry < this.used; entry += 1) bytes.writeUInt32LE(this.#entries[entry] ?? 0, entry * 4);
    return bytes;
  }
}

async function writeFolder(
  handle: FileHandle,
  plan: FatPlan,
  fat: FatTable,
  folder: FatFolder,
  signal: AbortSignal,
): Promise<number> {
  fat.chain(folder);
  const bytes = folderBytes(folder, folder.clusters * plan.clusterBytes);
  await handle.write(bytes, 0, bytes.length, offsetOf(plan, folder.cluster));
  let count = folder.files.size;
  for (const file of folder.files.values()) {
    throwIfCancelled(signal, 'making the disk');
    if (file.clusters === 0) continue;
    fat.chain(file);
    await copyInto(handle, offsetOf(plan, file.cluster), file.source);
  }
  for (const inner of folder.folders.values()) count += await writeFolder(handle, plan, fat, inner, signal);
  return count;
}

/** Copies a file. One that has become shorter since it was picked ends in zeros: it is a sample, after all. */
async function copyInto(handle: FileHandle, offset: number, file: PickedFile): Promise<void> {
  await using source = await open(file.source, 'r');
  const buffer = Buffer.alloc(Math.min(copyBytes, file.sizeBytes));
  for (let done = 0; done < file.sizeBytes; ) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, file.sizeBytes - done), done);
    if (bytesRead === 0) return;
    await handle.write(buffer, 0, bytesRead, offset + done);
    done += bytesRead;
  }
}

const offsetOf = (plan: FatPlan, cluster: number): number => plan.dataOffset + (cluster - 2) * plan.clusterBytes;

/** Boot sector and the information sector behind it. */
function bootSectors(plan: FatPlan, serial: number, used: number): Buffer {
  const bytes = Buffer.alloc(2 * sectorBytes);
  bytes.set([0xeb, 0x58, 0x90]);
  bytes.write('HOLDFAST', 3, 'latin1');
  bytes.writeUInt16LE(sectorBytes, 11);
  bytes.writeUInt8(plan.clusterBytes / sectorBytes, 13);
  bytes.writeUInt16LE((plan.dataOffset - 2 * plan.fatBytes) / sectorBytes, 14);
  bytes.writeUInt8(2, 16);
  bytes.writeUInt8(0xf8, 21);
  bytes.writeUInt16LE(63, 24);
  bytes.writeUInt16LE(255, 26);
  bytes.writeUInt32LE(plan.sizeBytes / sectorBytes, 32);
  bytes.writeUInt32LE(plan.fatBytes / sectorBytes, 36);
  bytes.writeUInt32LE(plan.root.cluster, 44);
  bytes.writeUInt16LE(1, 48);
  bytes.writeUInt16LE(6, 50);
  bytes.writeUInt8(0x80, 64);
  bytes.writeUInt8(0x29, 66);
  bytes.writeUInt32LE(serial, 67);
  bytes.write('HOLDFAST   FAT32   ', 71, 'latin1');
  bytes.writeUInt16LE(0xaa55, 510);
  bytes.writeUInt32LE(0x41615252, sectorBytes);
  bytes.writeUInt32LE(0x61417272, sectorBytes + 484);
  bytes.writeUInt32LE(plan.clusterCount + 2 - used, sectorBytes + 488);
  bytes.writeUInt32LE(used, sectorBytes + 492);
  bytes.writeUInt32LE(0xaa550000, sectorBytes + 508);
  return bytes;
}
