import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { throwIfCancelled } from '@holdfast/api';
import type { DiskReader } from '@holdfast/kit/disk/reader';
import type { DiskFile } from './files.ts';
import { recogniseFileSystem } from './recognise.ts';

const windowBytes = 4 * 1024 * 1024;
const mostNamed = 20;

/** How two disks compare byte for byte. */
export interface ByteComparison {
  readonly equal: boolean;
  readonly comparedBytes: number;
  /** Offset of the first byte that differs; `null` when none does. */
  readonly firstDifference: number | null;
}

/** How two disks compare file for file; `null` where neither has a file system that can be read. */
export interface FileComparison {
  readonly equal: boolean;
  readonly fileSystem: string;
  readonly files: number;
  readonly bytes: number;
  /** Up to twenty paths that differ or are on one side only. */
  readonly differing: readonly string[];
  readonly differingCount: number;
}

/** Compares all bytes of two disks. Where neither has data, both read as zeros, and nothing needs to be read. */
export async function compareBytes(left: DiskReader, right: DiskReader, signal: AbortSignal): Promise<ByteComparison> {
  const comparedBytes = Math.min(left.sizeBytes, right.sizeBytes);
  const windows = new Set<number>();
  for (const disk of [left, right]) {
    for (const { offset, length } of await disk.allocated()) {
      const end = Math.min(offset + length, comparedBytes);
      for (let at = Math.floor(offset / windowBytes); at * windowBytes < end; at += 1) windows.add(at);
    }
  }
  const [a, b] = [Buffer.alloc(windowBytes), Buffer.alloc(windowBytes)];
  for (const window of [...windows].sort((x, y) => x - y)) {
    throwIfCancelled(signal, 'comparing');
    await breathe();
    const offset = window * windowBytes;
    const length = Math.min(windowBytes, comparedBytes - offset);
    await left.read(a.subarray(0, length), offset);
    await right.read(b.subarray(0, length), offset);
    if (a.compare(b, 0, length, 0, length) === 0) continue;
    const within = a.subarray(0, length).findIndex((byte, index) => byte !== b[index]);
    return { equal: false, comparedBytes, firstDifference: offset + within };
  }
  const equal = left.sizeBytes === right.sizeBytes;
  return { equal, comparedBytes, firstDifference: equal ? null : comparedBytes };
}

/** Reads every file out of both disks and compares names, sizes and contents. */
export async function compareFiles(
  left: DiskReader,
  right: DiskReader,
  signal: AbortSignal,
): Promise<FileComparison | null> {
  const [one, other] = [await recogniseFileSystem(left), await recogniseFileSystem(right)];
  if (one === null && other === null) return null;
  const [mine, theirs] = [new Map<string, string>(), new Map<string, string>()];
  let bytes = 0;
  for (const [disk, fileSystem, sums] of [[left, one, mine] as const, [right, other, theirs] as const]) {
    if (fileSystem === null) continue;
    let sinceBreath = 0;
    for await (const file of fileSystem.files()) {
      throwIfCancelled(signal, 'comparing files');
      sums.set(file.path, await sumOf(disk, file));
      if (disk === left) bytes += file.sizeBytes;
      // A local disk is read without waiting: let other work and a cancellation in now and then.
      sinceBreath += file.sizeBytes + 4096;
      if (sinceBreath < windowBytes) continue;
      sinceBreath = 0;
      await breathe();
    }
  }
  const paths = new Set([...mine.keys(), ...theirs.keys()]);
  const differing = [...paths].filter((path) => mine.get(path) !== theirs.get(path)).sort();
  return {
    equal: differing.length === 0 && one?.kind === other?.kind,
    fileSystem: one?.kind ?? 'none',
    files: mine.size,
    bytes,
    differing: differing.slice(0, mostNamed),
    differingCount: differing.length,
  };
}

/** SHA-256 of a file's bytes as they lie on the disk, with its size. */
export async function sumOf(disk: DiskReader, file: DiskFile): Promise<string> {
  const hash = createHash('sha256');
  for (const extent of file.extents) {
    for (let done = 0; done < extent.length; done += windowBytes) {
      const piece = Buffer.alloc(Math.min(windowBytes, extent.length - done));
      if (extent.offset !== null) await disk.read(piece, extent.offset + done);
      hash.update(piece);
    }
  }
  return `${file.sizeBytes}:${hash.digest('hex')}`;
}
