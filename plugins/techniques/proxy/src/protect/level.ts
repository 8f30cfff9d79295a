import type { Call, DiskSource, Extent, Hypervisor, MoveOptions, PointSummary, Reason } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import { gatherExtents } from './extents.ts';

/** A disk of a snapshot, as far as deciding how much of it to read needs it. */
export interface DiskToRead {
  readonly machine: string;
  readonly snapshot: string;
  readonly key: string;
  readonly sizeBytes: number;
}

/** How much of a disk is read, and why. */
export interface Level {
  readonly how: MoveOptions;
  readonly why: Reason;
}

/**
 * Reads only what changed since the newest restore point where that can be told for certain; else all of it.
 * @param latest Newest restore point of the machine on the target, if there is one.
 */
export async function decideLevel(
  hypervisor: Hypervisor,
  disk: DiskToRead,
  source: DiskSource,
  latest: PointSummary | null,
  call: Call,
): Promise<Level> {
  const found = await changedParts(hypervisor, disk, latest, call);
  if (typeof found !== 'string')
    return {
      how: { extents: found.extents, base: found.base },
      why: {
        decision: `incremental read of ${disk.key}`,
        because: `the hypervisor knows the ${found.extents.length} parts that changed since the point of ${at(found.takenAt)}`,
      },
    };
  const why = { decision: `full read of ${disk.key}`, because: found };
  const allocated = await allocatedParts(hypervisor, disk, source, call);
  return allocated === null ? { how: {}, why } : { how: { extents: allocated, base: null }, why };
}

interface Changed {
  readonly extents: readonly Extent[];
  readonly base: string;
  readonly takenAt: number;
}

/** What changed, or the reason why that is not known. */
async function changedParts(
  hypervisor: Hypervisor,
  disk: DiskToRead,
  latest: PointSummary | null,
  call: Call,
): Promise<Changed | string> {
  if (latest === null) return 'there is no earlier restore point of this machine on the target';
  const before = latest.disks.find(({ key }) => key === disk.key);
  if (before === undefined) return `the restore point of ${at(latest.takenAt)} does not have this disk`;
  if (before.sizeBytes !== disk.sizeBytes)
    return `its size changed from ${before.sizeBytes} to ${disk.sizeBytes} bytes since the point of ${at(latest.takenAt)}`;
  if (hypervisor.changes === undefined)
    return 'the hypervisor does not track changes; what is unchanged is not stored again';
  if (before.changeToken === null) return `changes were not tracked when the point of ${at(latest.takenAt)} was made`;
  try {
    const ref = { machine: disk.machine, snapshot: disk.snapshot, disk: disk.key };
    const extents = await gatherExtents(hypervisor.changes(ref, before.changeToken, call), disk.sizeBytes);
    if (extents === null) return 'more than a million parts of it changed';
    return { extents, base: latest.point, takenAt: latest.takenAt };
  } catch (problem) {
    if (!isHoldfastError(problem, 'TRACKING_LOST')) throw problem;
    return problem.message;
  }
}

/** Where data is, for sources whose reader cannot find out by itself. `null`: read it all. */
async function allocatedParts(
  hypervisor: Hypervisor,
  disk: DiskToRead,
  source: DiskSource,
  call: Call,
): Promise<Extent[] | null> {
  if (source.kind === 'file' || hypervisor.allocated === undefined) return null;
  const ref = { machine: disk.machine, snapshot: disk.snapshot, disk: disk.key };
  return await gatherExtents(hypervisor.allocated(ref, call), disk.sizeBytes);
}

/** A time for people, in UTC, to the minute. */
const at = (epochMs: number): string => `${new Date(epochMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
