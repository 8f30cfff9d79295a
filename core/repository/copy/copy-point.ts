import { type Call, isHoldfastError, type MoveResult } from '@holdfast/api';
import type { Repository } from '../contract.ts';
import type { DataWriter } from '../data-plane.ts';
import { type Lease, takeLease } from '../leases/lease.ts';
import type { Manifest, ManifestDisk } from '../points/manifest.ts';
import { commitCopy } from './commit-copy.ts';
import type { CopyOptions, CopyResult } from './contract.ts';
import { findCopy, originOf } from './find-copy.ts';
import { areFamily, type Inside, insideOf } from './inside.ts';
import { lostOfSource } from './lost-of-source.ts';
import { Pace } from './pace.ts';
import { compareDisk, copyStrangerDisk, type StrangerDisk } from './stranger-disk.ts';
import { addMoves, noMove } from './sum-moves.ts';

/** Disks that lie in the destination, durable and proved to be the original's. */
interface CopiedDisks {
  readonly disks: readonly ManifestDisk[];
  readonly runs: readonly string[];
  readonly storedBytes: number;
  readonly moved: MoveResult;
}

/** What a copy works with. */
interface CopyParts {
  readonly from: Inside;
  readonly into: Inside;
  readonly manifest: Manifest;
  readonly data: DataWriter;
  readonly lease: Lease;
  readonly bytesPerSecond: number | null;
}

/**
 * Copies a restore point into another repository; see `Repository.copyFrom`.
 * @throws `REPOSITORY_DAMAGED` with what is lost when the source is not whole, `VERIFY_FAILED`, `POINT_NOT_FOUND`, `LEASE_LOST`; then there is no copy.
 */
export async function copyPoint(
  into: Inside,
  source: Repository,
  point: string,
  options: CopyOptions,
  call: Call,
): Promise<CopyResult> {
  const from = insideOf(source);
  await using _session = await from.readLeases.hold(call);
  // After the lease and never before it: what a collector condemns from now on is not relied upon.
  await from.plane.refresh(call);
  const manifest = await from.points.manifest(await from.points.find(point, call), call);
  const origin = originOf(manifest, from.format.suite.repositoryId);
  const relation = areFamily(from, into) ? 'family' : 'unrelated';
  const there = await findCopy(into, manifest, origin, call);
  if (there !== null) return { point: there, wasThere: true, relation, moved: noMove };
  const lease = await takeLease(into.documents, 'copy', into.terms, call);
  try {
    await into.plane.refresh(call);
    const data = into.plane.openWriter(lease.id);
    const parts = { from, into, manifest, data, lease, bytesPerSecond: options.bytesPerSecond ?? null };
    try {
      const { disks, runs, storedBytes, moved } = await copyDisks(parts, call);
      // Somebody else may have copied it meanwhile.
      const other = await findCopy(into, manifest, origin, call);
      if (other !== null) return { point: other, wasThere: true, relation, moved };
      await commitCopy(into, lease, { original: manifest, origin, disks, runs, storedBytes }, call);
      return { point: lease.id, wasThere: false, relation, moved };
    } finally {
      await data.abandon();
    }
  } finally {
    await lease.end(call);
  }
}

async function copyDisks(parts: CopyParts, call: Call): Promise<CopiedDisks> {
  try {
    return await copyStrangers(parts, call);
  } catch (failure) {
    if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
    throw await lostOfSource(parts.from, parts.manifest, failure, call);
  }
}

/** Everything is read, hashed anew, and read back. */
async function copyStrangers(
  { from, into, manifest, data, bytesPerSecond }: CopyParts,
  call: Call,
): Promise<CopiedDisks> {
  const target = { plane: into.plane, data, windowBytes: into.format.suite.chunker.windowBytes };
  const copied: StrangerDisk[] = [];
  for (const disk of manifest.disks) {
    copied.push(await copyStrangerDisk(disk, from.plane, target, bytesPerSecond, call));
  }
  const { runs, storedBytes } = await data.flush(call);
  const pace = new Pace(bytesPerSecond, call.signal);
  const disks: ManifestDisk[] = [];
  for (const [i, { key, format }] of manifest.disks.entries()) {
    const disk = copied[i];
    if (disk === undefined) throw new Error(`disk ${key} was not copied`);
    await compareDisk(key, disk, into.plane, pace, call);
    disks.push({ key, format, changeToken: null, ...disk.contents });
  }
  return { disks, runs, storedBytes, moved: copied.reduce((sum, { moved }) => addMoves(sum, moved), noMove) };
}
