import type { DiskReader } from '@holdfast/kit/disk/reader';

/** A run of a file's bytes on the disk. `offset` is where on the disk; `null` for a hole, which reads as zeros. */
export interface FileExtent {
  readonly offset: number | null;
  readonly length: number;
}

/** A regular file in a file system on a disk image. */
export interface DiskFile {
  /** With slashes, from the root, without a slash in front. */
  readonly path: string;
  readonly sizeBytes: number;
  /** In order of the file's bytes; together as long as the file. */
  readonly extents: readonly FileExtent[];
}

/** A file system that was recognised on a disk. */
export interface FileSystem {
  readonly kind: 'ext4' | 'fat32';
  /** All regular files, depth first. Throws `DISK_INVALID` where the structure is damaged. */
  files(): AsyncIterable<DiskFile>;
}

/** Reads a part of a disk into a new buffer. */
export async function readDisk(disk: DiskReader, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await disk.read(bytes, offset);
  return bytes;
}
