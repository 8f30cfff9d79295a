import type { FileHandle } from 'node:fs/promises';
import { throwIfCancelled } from '@holdfast/api';
import type { Seeded } from '../seeded.ts';
import type { DiskFile, FileSystem } from './files.ts';

const blockBytes = 4096;
const mostBlocks = 16;

/** What was changed on a disk. */
export interface ChangedDisk {
  /** Bytes of file data on the disk. */
  readonly dataBytes: number;
  readonly changedBytes: number;
  readonly changedExtents: number;
  readonly changedFiles: number;
}

/** A run of whole blocks of one file. */
interface Run {
  readonly file: DiskFile;
  readonly offset: number;
  readonly blocks: number;
  /** Blocks in the runs before this one. */
  readonly before: number;
}

/**
 * Rewrites a share of the bytes of files, in extents of 4 to 64 KiB at random places, every second one text, the others
 * incompressible. Only what lies inside of regular files is touched, so that the file system stays whole.
 */
export async function changeFiles(
  handle: FileHandle,
  fileSystem: FileSystem,
  ratio: number,
  random: Seeded,
  signal: AbortSignal,
): Promise<ChangedDisk> {
  const runs = await wholeBlocks(fileSystem);
  const last = runs.at(-1);
  const total = last === undefined ? 0 : last.before + last.blocks;
  const goal = Math.min(total, Math.ceil(total * ratio));
  const done = new Set<number>();
  const files = new Set<DiskFile>();
  let extents = 0;
  while (done.size < goal) {
    throwIfCancelled(signal, 'changing the disk');
    const start = random.integer(total);
    const run = runAt(runs, start);
    const within = start - run.before;
    const most = Math.min(1 + random.integer(mostBlocks), run.blocks - within, goal - done.size);
    let blocks = 0;
    while (blocks < most && !done.has(start + blocks)) done.add(start + blocks++);
    if (blocks === 0) continue;
    const length = blocks * blockBytes;
    const bytes = extents % 2 === 0 ? random.text(length) : random.bytes(length);
    await handle.write(bytes, 0, length, run.offset + within * blockBytes);
    files.add(run.file);
    extents += 1;
  }
  await handle.sync();
  return {
    dataBytes: total * blockBytes,
    changedBytes: done.size * blockBytes,
    changedExtents: extents,
    changedFiles: files.size,
  };
}

async function wholeBlocks(fileSystem: FileSystem): Promise<Run[]> {
  const runs: Run[] = [];
  let before = 0;
  for await (const file of fileSystem.files()) {
    for (const extent of file.extents) {
      const blocks = Math.floor(extent.length / blockBytes);
      if (extent.offset === null || blocks === 0) continue;
      runs.push({ file, offset: extent.offset, blocks, before });
      before += blocks;
    }
  }
  return runs;
}

function runAt(runs: readonly Run[], block: number): Run {
  let low = 0;
  let high = runs.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((runs[middle]?.before ?? 0) <= block) low = middle;
    else high = middle - 1;
  }
  const run = runs[low];
  if (run === undefined) throw new RangeError('there is no block to choose from');
  return run;
}
