import { type Call, isHoldfastError } from '@holdfast/api';
import type { Manifest } from '../points/manifest.ts';
import type { PointOrigin } from './contract.ts';
import type { Inside } from './inside.ts';

/** Where a restore point was made: of a copy what it says itself, so that copies of copies are known to be the same. */
export function originOf(manifest: Manifest, repository: string): PointOrigin {
  return manifest.origin ?? { repository, point: manifest.point };
}

/** Finds the restore point that was made there, or a copy of it; `null` when there is none that can be opened. */
export async function findCopy(
  into: Inside,
  manifest: Manifest,
  origin: PointOrigin,
  call: Call,
): Promise<string | null> {
  const isHome = origin.repository === into.format.suite.repositoryId;
  const { points } = await into.points.list(call);
  for (const record of points) {
    const { summary } = record;
    if (isHome && summary.point === origin.point) return summary.point;
    // A copy keeps these: no other manifest needs to be opened.
    if (summary.takenAt !== manifest.takenAt || summary.machine !== manifest.machine.id) continue;
    if (summary.endpoint !== manifest.endpoint) continue;
    try {
      const other = (await into.points.manifest(record, call)).origin;
      if (other?.repository === origin.repository && other.point === origin.point) return summary.point;
    } catch (failure) {
      // One that cannot be opened is as good as none: it is copied anew.
      if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
    }
  }
  return null;
}
