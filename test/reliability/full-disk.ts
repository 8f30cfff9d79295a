import { execFileSync } from 'node:child_process';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { isHoldfastError } from '@holdfast/api';
import { noise } from '../repository/sample-disks.ts';
import { BALLAST } from './backup.ts';

const MIB = 1024 * 1024;

/** Why no small file system can be mounted here; `null` when it can. */
export function whyNoMount(): string | null {
  if (process.getuid?.() !== 0) return 'mounting a small tmpfs needs root';
  try {
    execFileSync('mount', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux' ? null : 'there is no tmpfs here';
  } catch {
    return 'mount is not installed';
  }
}

/** A small disk of its own at a folder, until disposed of. */
export function smallDisk(folder: string, mebibytes: number): Disposable {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder]);
  return { [Symbol.dispose]: () => execFileSync('umount', [folder]) };
}

/** Fills a disk to the last byte with something that is not ours. */
export async function fillUp(target: string): Promise<void> {
  await using handle = await open(join(target, BALLAST), 'a');
  for (let size = MIB; size >= 1; ) {
    try {
      await handle.writeFile(noise(`ballast ${size}`, size));
    } catch (failure) {
      if (!(failure instanceof Error && 'code' in failure && failure.code === 'ENOSPC')) throw failure;
      size = Math.floor(size / 2);
    }
  }
}

export const makeRoom = (target: string): Promise<void> => rm(join(target, BALLAST), { force: true });

export async function freeBytes(target: string): Promise<number> {
  const { bavail, bsize } = await statfs(target);
  return bavail * bsize;
}

/** Answers whether work ended with `TARGET_FULL`; any other failure is thrown. */
export async function endsFull(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (failure) {
    if (!isHoldfastError(failure, 'TARGET_FULL')) throw failure;
    return true;
  }
}
