import type { Call, MoveResult } from '@holdfast/api';
import { monotonicNs } from '../data/lanes/monotonic.ts';
import type { DataPlane } from '../data-plane.ts';
import type { ManifestDisk } from '../points/manifest.ts';
import { FamilyDisks, proveDisk } from './family-disks.ts';
import { Pace } from './pace.ts';
import { compareDisk, copyStrangerDisk, type StrangerDisk } from './stranger-disk.ts';
import { addMoves, noMove } from './sum-moves.ts';

/** Disks that are to be copied. */
export interface DisksToCopy {
  readonly from: DataPlane;
  readonly into: DataPlane;
  readonly disks: readonly ManifestDisk[];
  /** Of the copy, in the destination. */
  readonly lease: string;
  readonly bytesPerSecond: number | null;
}

/** Disks that lie in the destination, durable and proved to be the original's. */
export interface CopiedDisks {
  readonly disks: readonly ManifestDisk[];
  readonly runs: readonly string[];
  readonly storedBytes: number;
  readonly moved: MoveResult;
}

/** Only what is missing travels, as it is; then the destination's own map is followed. */
export async function copyFamily(parts: DisksToCopy, call: Call): Promise<CopiedDisks> {
  const { into, disks } = parts;
  const family = new FamilyDisks(parts);
  const began = monotonicNs();
  let moved = noMove;
  for (const disk of disks) moved = addMoves(moved, await family.copy(disk, call));
  await new Pace(parts.bytesPerSecond, call.signal).settleFor(moved.readBytes, began);
  for (const disk of disks) await proveDisk(disk.key, disk, into, call);
  const { runs, storedBytes } = family;
  return { disks: disks.map((disk) => ({ ...disk, changeToken: null })), runs, storedBytes, moved };
}

/** Everything is read, hashed anew, and read back. */
export async function copyStrangers(parts: DisksToCopy, windowBytes: number, call: Call): Promise<CopiedDisks> {
  const { from, into, lease, bytesPerSecond } = parts;
  const data = into.openWriter(lease);
  const began = monotonicNs();
  try {
    const copied: { readonly original: ManifestDisk; readonly copy: StrangerDisk }[] = [];
    for (const original of parts.disks) {
      const target = { plane: into, data, windowBytes };
      copied.push({ original, copy: await copyStrangerDisk(original, from, target, bytesPerSecond, call) });
    }
    const { runs, storedBytes } = await data.flush(call);
    const pace = new Pace(bytesPerSecond, call.signal);
    await pace.settleFor(
      copied.reduce((sum, { copy }) => sum + copy.moved.readBytes, 0),
      began,
    );
    for (const { original, copy } of copied) await compareDisk(original.key, copy, into, pace, call);
    await pace.settle();
    const disks = copied.map(({ original: { key, format }, copy }) => ({
      key,
      format,
      changeToken: null,
      ...copy.contents,
    }));
    return { disks, runs, storedBytes, moved: copied.reduce((sum, { copy }) => addMoves(sum, copy.moved), noMove) };
  } finally {
    await data.abandon();
  }
}
