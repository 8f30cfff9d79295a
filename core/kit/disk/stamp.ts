import type { BigIntStats } from 'node:fs';

/**
 * What a file is at one moment: device, inode, size in bytes and time of last change in nanoseconds. Two equal stamps mean
 * the same file with, as far as the file system tells, the same bytes. Only ever compared, never taken apart.
 */
export function stampOf(stats: Pick<BigIntStats, 'dev' | 'ino' | 'size' | 'mtimeNs'>): string {
  return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}
