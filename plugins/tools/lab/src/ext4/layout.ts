import { HoldfastError } from '@holdfast/api';
import type { DiskReader } from '@holdfast/kit/disk/reader';
import { readDisk } from '../disk/files.ts';

/** Where things lie in an ext4 file system; from its superblock and group descriptors. */
export interface Ext4Layout {
  readonly blockBytes: number;
  readonly inodeBytes: number;
  readonly inodesPerGroup: number;
  readonly inodeCount: number;
  readonly blockCount: number;
  /** First block of the inode table of each group. */
  readonly inodeTables: readonly number[];
}

const magic = 0xef53;
const mostGroups = 1 << 16;
/** filetype, extents, 64bit, flex_bg, csum_seed, and needs_recovery, which a plain reader may ignore after a clean end. */
const understood = 0x2 | 0x40 | 0x80 | 0x200 | 0x2000 | 0x4;

/** Reads the layout, or answers `null` when there is no ext4 that we understand. @throws `DISK_INVALID` when it contradicts itself. */
export async function readExt4Layout(disk: DiskReader): Promise<Ext4Layout | null> {
  if (disk.sizeBytes < 4096) return null;
  const block = await readDisk(disk, 1024, 1024);
  if (block.readUInt16LE(56) !== magic) return null;
  const incompatible = block.readUInt32LE(96);
  if ((incompatible & ~understood) !== 0) return null;
  const logSize = block.readUInt32LE(24);
  const wide = (incompatible & 0x80) !== 0;
  const blockBytes = 1024 * 2 ** Math.min(logSize, 7);
  const blockCount = block.readUInt32LE(4) + (wide ? block.readUInt32LE(0x150) * 2 ** 32 : 0);
  const firstBlock = block.readUInt32LE(20);
  const blocksPerGroup = block.readUInt32LE(32);
  const inodesPerGroup = block.readUInt32LE(40);
  const inodeBytes = block.readUInt16LE(88);
  const descriptorBytes = wide ? Math.max(block.readUInt16LE(254), 32) : 32;
  const groups = Math.ceil((blockCount - firstBlock) / Math.max(blocksPerGroup, 1));
  const plausible =
    logSize <= 6 &&
    blockCount * blockBytes <= disk.sizeBytes &&
    groups >= 1 &&
    groups <= mostGroups &&
    inodesPerGroup >= 1 &&
    inodesPerGroup <= blockBytes * 8 &&
    inodeBytes >= 128 &&
    inodeBytes <= blockBytes &&
    descriptorBytes <= 1024 &&
    (firstBlock + 1) * blockBytes + groups * descriptorBytes <= disk.sizeBytes;
  if (!plausible) throw damaged('its superblock contradicts itself');
  const table = await readDisk(disk, (firstBlock + 1) * blockBytes, groups * descriptorBytes);
  const inodeTables = Array.from({ length: groups }, (_, group) => {
    const at = group * descriptorBytes;
    const high = descriptorBytes >= 64 ? table.readUInt32LE(at + 0x28) : 0;
    return table.readUInt32LE(at + 8) + high * 2 ** 32;
  });
  return { blockBytes, inodeBytes, inodesPerGroup, inodeCount: groups * inodesPerGroup, blockCount, inodeTables };
}

export function damaged(how: string): HoldfastError {
  return new HoldfastError('DISK_INVALID', `the ext4 file system is damaged: ${how}`);
}
