import type { DiskReader } from '@holdfast/kit/disk/reader';
import type { FileExtent } from '../disk/files.ts';
import { readDisk } from '../disk/files.ts';
import { damaged } from './layout.ts';

const extentMagic = 0xf30a;
const extentsFlag = 0x80000;
const inlineFlag = 0x10000000;
const mostDepth = 5;

/** A run of blocks; `disk` is `null` where space is reserved but was never written. */
interface Run {
  readonly first: number;
  readonly blocks: number;
  readonly disk: number | null;
}

/** Where the bytes of a file lie, from its extent tree, holes included. */
export async function fileExtents(
  disk: DiskReader,
  blockBytes: number,
  blockCount: number,
  inode: Buffer,
  sizeBytes: number,
): Promise<readonly FileExtent[]> {
  const flags = inode.readUInt32LE(32);
  if (sizeBytes === 0) return [];
  if ((flags & inlineFlag) !== 0 || (flags & extentsFlag) === 0) throw damaged('a file has no extents');
  if (sizeBytes > blockCount * blockBytes * 1024) throw damaged('a file is much larger than the disk');
  const runs: Run[] = [];
  await collect(inode.subarray(40, 100), mostDepth);
  return fill(runs, sizeBytes, blockBytes);

  async function collect(node: Buffer, depthLeft: number): Promise<void> {
    const entries = node.readUInt16LE(2);
    const depth = node.readUInt16LE(6);
    if (node.readUInt16LE(0) !== extentMagic || depth > depthLeft || 12 + entries * 12 > node.length) {
      throw damaged('an extent tree is broken');
    }
    for (let at = 12; at < 12 + entries * 12; at += 12) {
      const first = node.readUInt32LE(at);
      if (depth === 0) {
        const length = node.readUInt16LE(at + 4);
        const start = node.readUInt16LE(at + 6) * 2 ** 32 + node.readUInt32LE(at + 8);
        const blocks = length > 32768 ? length - 32768 : length;
        if (start + blocks > blockCount) throw damaged('a file lies outside of the disk');
        runs.push({ first, blocks, disk: length > 32768 ? null : start });
      } else {
        const child = node.readUInt32LE(at + 4) + node.readUInt16LE(at + 8) * 2 ** 32;
        if (child >= blockCount) throw damaged('an extent tree lies outside of the disk');
        const inner = await readDisk(disk, child * blockBytes, blockBytes);
        if (inner.readUInt16LE(6) !== depth - 1) throw damaged('an extent tree has no end');
        await collect(inner, depth - 1);
      }
    }
  }
}

/** Makes runs of blocks into extents of bytes that are together as long as the file. */
function fill(runs: readonly Run[], sizeBytes: number, blockBytes: number): FileExtent[] {
  const extents: FileExtent[] = [];
  let at = 0;
  for (const run of runs) {
    const from = run.first * blockBytes;
    if (from < at) throw damaged('extents of a file overlap');
    if (at >= sizeBytes) break;
    if (from > at) extents.push({ offset: null, length: Math.min(from, sizeBytes) - at });
    const length = Math.min(run.blocks * blockBytes, sizeBytes - from);
    if (length > 0) extents.push({ offset: run.disk === null ? null : run.disk * blockBytes, length });
    at = from + run.blocks * blockBytes;
  }
  if (at < sizeBytes) extents.push({ offset: null, length: sizeBytes - at });
  return extents;
}
