import { setImmediate as breathe } from 'node:timers/promises';
import { throwIfCancelled } from '@holdfast/api';
import type { DiskReader } from '@holdfast/kit/disk/reader';
import type { DiskFile, FileSystem } from './files.ts';
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
  const [mine, theirs] = [filesOf(one), filesOf(other)];
  const compare = contentComparer(left, right);
  const differing: string[] = [];
  let [differingCount, files, bytes, sinceBreath] = [0, 0, 0, 0];
  let [a, b] = [await mine.next(), await theirs.next()];
  while (a.done !== true || b.done !== true) {
    throwIfCancelled(signal, 'comparing files');
    const order = a.done === true ? 1 : b.done === true ? -1 : byPath(a.value.path, b.value.path);
    const equal = order === 0 && a.done !== true && b.done !== true && (await compare(a.value, b.value));
    const file = a.done !== true && order <= 0 ? a.value : b.value;
    if (!equal) {
      differingCount += 1;
      if (differing.length < mostNamed && file !== undefined) differing.push(file.path);
    }
    if (order <= 0 && a.done !== true) {
      files += 1;
      bytes += a.value.sizeBytes;
    }
    // A local disk is read without waiting: let other work and a cancellation in now and then.
    sinceBreath += (file?.sizeBytes ?? 0) + 4096;
    if (sinceBreath >= windowBytes) {
      sinceBreath = 0;
      await breathe();
    }
    if (order <= 0) a = await mine.next();
    if (order >= 0) b = await theirs.next();
  }
  const sameKind = one?.kind === other?.kind;
  return {
    equal: differingCount === 0 && sameKind,
    fileSystem: one?.kind ?? 'none',
    files,
    bytes,
    differing,
    differingCount,
  };
}

async function* filesOf(fileSystem: FileSystem | null): AsyncGenerator<DiskFile, undefined> {
  if (fileSystem !== null) yield* fileSystem.files();
  return undefined;
}

/** The order in which a file system gives its files: folder by folder, by name. */
function byPath(left: string, right: string): number {
  const [a, b] = [left.split('/'), right.split('/')];
  for (let depth = 0; ; depth += 1) {
    const [x, y] = [a[depth], b[depth]];
    if (x === y && x === undefined) return 0;
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    if (x !== y) return x < y ? -1 : 1;
  }
}

/** Compares two files byte for byte, through two buffers that it keeps. */
function contentComparer(left: DiskReader, right: DiskReader) {
  const [a, b] = [Buffer.alloc(windowBytes), Buffer.alloc(windowBytes)];
  return async (mine: DiskFile, theirs: DiskFile): Promise<boolean> => {
    if (mine.sizeBytes !== theirs.sizeBytes) return false;
    for (let at = 0; at < mine.sizeBytes; at += windowBytes) {
      const length = Math.min(windowBytes, mine.sizeBytes - at);
      await readFile(left, mine, at, a.subarray(0, length));
      await readFile(right, theirs, at, b.subarray(0, length));
      if (a.compare(b, 0, length, 0, length) !== 0) return false;
    }
    return true;
  };
}

/** Reads bytes of a file from where its extents say that they lie. */
async function readFile(disk: DiskReader, file: DiskFile, offset: number, into: Buffer): Promise<void> {
  const end = offset + into.length;
  let start = 0;
  for (const extent of file.extents) {
    const from = Math.max(start, offset);
    const to = Math.min(start + extent.length, end);
    if (from < to) {
      const part = into.subarray(from - offset, to - offset);
      if (extent.offset === null) part.fill(0);
      else await disk.read(part, extent.offset + from - start);
    }
    start += extent.length;
  }
}
