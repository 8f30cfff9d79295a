import type { DiskReader } from '@holdfast/kit/disk/reader';
import { Ext4 } from '../ext4/reader.ts';
import { Fat32 } from '../fat32/reader.ts';
import type { FileSystem } from './files.ts';

/** The file system on a disk, or `null` when there is none that we can read. */
export async function recogniseFileSystem(disk: DiskReader): Promise<FileSystem | null> {
  return (await Ext4.open(disk)) ?? (await Fat32.open(disk));
}
