import type { Call, PointSummary } from '@holdfast/api';
import type { Catalog } from '../../catalog/contract.ts';
import type { Repository } from '../../repository/contract.ts';
import { newerThanListed } from './rollback.ts';

/** What comparing the catalog with a repository found. */
export interface Synced {
  /** Restore points in the repository, newest first. */
  readonly points: readonly PointSummary[];
  /** Points that the catalog had seen and the repository lacks now, though nobody here forgot them. */
  readonly missing: readonly PointSummary[];
}

/**
 * Brings what the catalog knows of restore points on a target up to date, of one machine or of all: the repository is right. Points that have vanished are
 * noted as missing and told. Those that nobody may have forgotten stay on record, so that `refuseRolledBack` goes on seeing them until someone accepts the older state.
 */
export async function syncPoints(
  catalog: Catalog,
  repository: Repository,
  filter: { readonly endpoint?: string; readonly machine?: string },
  now: number,
  call: Call,
): Promise<Synced> {
  const points = await repository.points(filter, call);
  const known = await catalog.points({ ...filter, target: repository.target });
  const there = new Set(points.map(({ point }) => point));
  const knownIds = new Set(known.map(({ point }) => point));
  const fresh = points.filter(({ point }) => !knownIds.has(point));
  if (fresh.length > 0) await catalog.savePoints(fresh);
  const missing = known.filter(({ point }) => !there.has(point));
  const suspicious = new Set(newerThanListed(missing, points));
  for (const lost of missing) {
    const { point, storedBytes } = lost;
    if (!suspicious.has(lost))
      await catalog.setCopy({ point, target: repository.target, state: 'missing', storedBytes, seenAt: now });
    call.log(
      'warn',
      `restore point ${point} was on ${repository.target} and is not there any more: find out whether someone forgot it elsewhere or put an older state of the repository in its place`,
    );
  }
  return { points, missing };
}
