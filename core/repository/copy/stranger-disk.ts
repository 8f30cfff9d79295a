import {
  type Call,
  type Extent,
  HoldfastError,
  isHoldfastError,
  type MoveResult,
  throwIfCancelled,
} from '@holdfast/api';
import type { DataPlane, DataWriter } from '../data-plane.ts';
import type { DiskContents } from '../disk-contents.ts';
import type { Pace } from './pace.ts';
import { unreadable } from './unreadable.ts';
import { WindowDigests } from './window-digests.ts';
import { WindowsWithData } from './windows-with-data.ts';

/** A disk that has been copied from a repository of another family, and what came out of the source. */
export interface StrangerDisk {
  readonly contents: DiskContents;
  readonly moved: MoveResult;
  readonly digests: WindowDigests;
}

/** Reads a disk out of one repository and writes it into another as a machine's disk is written. Windows without data are not read. */
export async function copyStrangerDisk(
  disk: DiskContents,
  from: DataPlane,
  into: { readonly plane: DataPlane; readonly data: DataWriter; readonly windowBytes: number },
  bytesPerSecond: number | null,
  call: Call,
): Promise<StrangerDisk> {
  const { windowBytes } = into;
  const digests = new WindowDigests(disk.sizeBytes, windowBytes);
  using served = into.plane.serve({
    sizeBytes: disk.sizeBytes,
    allocated: () => windowsWithData(from, disk, windowBytes, call),
    async read(offset, length) {
      const bytes = await readAll(from, disk, { offset, length }, call);
      digests.note(offset, bytes);
      return bytes;
    },
  });
  const how = bytesPerSecond === null ? {} : { limit: bytesPerSecond };
  return { ...(await into.data.writeDisk(served.source, null, how, call)), digests };
}

/**
 * Compares what a repository gives back of a disk with what came out of the source.
 * @param name Of the disk, for messages.
 * @throws `VERIFY_FAILED` naming the first place at which they differ, or what of the destination cannot be read.
 */
export async function compareDisk(
  name: string,
  disk: StrangerDisk,
  plane: DataPlane,
  pace: Pace,
  call: Call,
): Promise<void> {
  try {
    await assertNoStray(name, disk, plane, call);
    await compareWindows(name, disk, plane, pace, call);
  } catch (failure) {
    if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
    throw unreadable(name, failure);
  }
}

const differs = (disk: string, offset: number): HoldfastError =>
  new HoldfastError(
    'VERIFY_FAILED',
    `the copy of disk ${disk} differs from the original at ${offset}; it was given up`,
    {
      facts: { disk, offset },
    },
  );

/** Where nothing was read the original has nothing but zeros. */
async function assertNoStray(name: string, disk: StrangerDisk, plane: DataPlane, call: Call): Promise<void> {
  for await (const pieces of plane.pieces(disk.contents, call)) {
    const stray = pieces.find((piece) => !disk.digests.covers(piece));
    if (stray !== undefined) throw differs(name, stray.offset);
  }
}

async function compareWindows(
  name: string,
  { contents, digests }: StrangerDisk,
  plane: DataPlane,
  pace: Pace,
  call: Call,
): Promise<void> {
  let doneBytes = 0;
  const totalBytes = digests.readBytes;
  for (const run of digests.runs()) {
    let at = run.offset;
    for await (const bytes of byWindow(plane.readDisk(contents, run, call), run, digests.windowBytes)) {
      throwIfCancelled(call.signal, 'comparing a copy');
      await pace.take(bytes.length);
      if (!digests.matches(at, bytes)) throw differs(name, at);
      at += bytes.length;
      doneBytes += bytes.length;
      call.progress({ phase: 'comparing the copy', doneBytes, totalBytes });
    }
    if (at !== run.offset + run.length) throw differs(name, at);
  }
}

/** Cuts what comes in order at the ends of windows; windows are small enough to be whole in memory. */
async function* byWindow(
  slices: AsyncIterable<Uint8Array>,
  run: Extent,
  windowBytes: number,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [];
  let at = run.offset;
  const end = run.offset + run.length;
  for await (const slice of slices) {
    for (let from = 0; from < slice.length; ) {
      const windowEnd = Math.min(end, at - (at % windowBytes) + windowBytes);
      const part = slice.subarray(from, from + windowEnd - at);
      parts.push(part);
      from += part.length;
      at += part.length;
      if (at < windowEnd) continue;
      yield parts.length === 1 ? part : Buffer.concat(parts);
      parts = [];
    }
  }
}

/** Extents of whole windows in which there is data. */
async function windowsWithData(
  from: DataPlane,
  disk: DiskContents,
  windowBytes: number,
  call: Call,
): Promise<readonly Extent[]> {
  const windows = new WindowsWithData(disk.sizeBytes, windowBytes);
  for await (const pieces of from.pieces(disk, call)) for (const piece of pieces) windows.add(piece);
  return windows.extents;
}

/** A range in memory of its own. */
async function readAll(plane: DataPlane, disk: DiskContents, range: Extent, call: Call): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of plane.readDisk(disk, range, call)) parts.push(part);
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Uint8Array.from(Buffer.concat(parts));
}
