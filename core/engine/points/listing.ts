import type { Call, PointSummary } from '@holdfast/api';
import { noteForgotten } from '../repositories/due.ts';
import { forgetPoints } from '../retention/forget.ts';
import type { EngineParts } from '../run/parts.ts';
import { saveAfterForget } from '../saved-catalogs/after-run.ts';
import { goneFrom, newerThanListed } from './rollback.ts';
import { syncPoints } from './sync.ts';

/** Restore points on a target as its repository has them now; the catalog is brought up to date. */
export async function listTarget(parts: EngineParts, target: string, call: Call): Promise<readonly PointSummary[]> {
  const repository = await parts.openRepository(target, call);
  return (await syncPoints(parts.catalog, repository, {}, parts.now(), call)).points;
}

/** Forgets restore points that someone named. Throws `POINT_NOT_FOUND`, `POINT_NEWEST`; then none is forgotten. */
export async function forgetOnTarget(
  parts: EngineParts,
  target: string,
  points: readonly string[],
  reason: string,
  call: Call,
): Promise<readonly PointSummary[]> {
  const repository = await parts.openRepository(target, call);
  const { points: there } = await syncPoints(parts.catalog, repository, {}, parts.now(), call);
  const forgotten = await forgetPoints(parts.catalog, repository, there, points, reason, parts.now(), call);
  await noteForgotten(parts.collections, target, parts.now());
  await saveAfterForget(parts, target, call);
  return forgotten;
}

/** Takes an older state of a repository as the right one: the points that it lacks are noted as missing. Answers them. */
export async function acceptTarget(parts: EngineParts, target: string, call: Call): Promise<readonly PointSummary[]> {
  const repository = await parts.openRepository(target, call);
  const now = parts.now();
  const { points, missing } = await syncPoints(parts.catalog, repository, {}, now, call);
  const gone = await goneFrom(repository, newerThanListed(missing, points), call);
  for (const { point, storedBytes } of gone)
    await parts.catalog.setCopy({ point, target, state: 'missing', storedBytes, seenAt: now });
  return gone;
}
