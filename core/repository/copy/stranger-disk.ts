import { type Call, type Extent, HoldfastError, type MoveResult, throwIfCancelled } from '@holdfast/api';
import type { DataPlane, DataWriter, DiskContents } from '../data-plane.ts';
import type { Pace } from './pace.ts';
import { WindowDigests } from './window-digests.ts';

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
 * @throws `VERIFY_FAILED` naming the first place at which they differ.
 */
export async function compareDisk(
  name: string,
  { contents, digests }: StrangerDisk,
  plane: DataPlane,
  pace: Pace,
  call: Call,
): Promise<void> {
  const differs = (offset: number): HoldfastError =>
    new HoldfastError(
      'VERIFY_FAILED',
      `the copy of disk ${name} differs from the original at ${offset}; it was given up`,
      {
        facts: { disk: name, offset },
      },
    );
  for await (const pieces of plane.pieces(contents, call)) {
    // Where nothing was read the original has nothing but zeros.
    const stray = pieces.find((piece) => !digests.covers(piece));
    if (stray !== undefined) throw differs(stray.offset);
  }
  let doneBytes = 0;
  for (const window of digests.windows()) {
    throwIfCancelled(call.signal, 'comparing a copy');
    await pace.take(window.length);
    if (!digests.matches(window.offset, await readAll(plane, contents, window, call))) throw differs(window.offset);
    doneBytes += window.length;
    call.progress({ phase: 'comparing the copy', doneBytes });
  }
}

/** Extents of whole windows in which there is data, so that what is known of a large disk stays small. */
async function windowsWithData(
  from: DataPlane,
  disk: DiskContents,
  windowBytes: number,
  call: Call,
): Promise<readonly Extent[]> {
  const extents: { offset: number; length: number }[] = [];
  for await (const pieces of from.pieces(disk, call)) {
    for (const piece of pieces) {
      const offset = piece.offset - (piece.offset % windowBytes);
      const end = Math.min(disk.sizeBytes, Math.ceil((piece.offset + piece.length) / windowBytes) * windowBytes);
      const last = extents.at(-1);
      if (last !== undefined && offset <= last.offset + last.length) last.length = end - last.offset;
      else extents.push({ offset, length: end - offset });
    }
  }
  return extents;
}

/** A range in memory of its own. */
async function readAll(plane: DataPlane, disk: DiskContents, range: Extent, call: Call): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of plane.readDisk(disk, range, call)) parts.push(part);
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Uint8Array.from(Buffer.concat(parts));
}
