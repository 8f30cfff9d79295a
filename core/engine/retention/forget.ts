import type { Call, PointSummary } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { Catalog } from '../../catalog/contract.ts';
import type { Repository } from '../../repository/contract.ts';

/**
 * Forgets restore points of a target: first in the repository, where it counts, then in the catalog. A crash between the two is healed by the
 * next look into the repository.
 * @param there All restore points on the target of the machines concerned: the newest of each is never forgotten.
 * @throws `POINT_NOT_FOUND`, `POINT_NEWEST`; then none is forgotten.
 */
export async function forgetPoints(
  catalog: Catalog,
  repository: Repository,
  there: readonly PointSummary[],
  ids: readonly string[],
  reason: string,
  now: number,
  call: Call,
): Promise<readonly PointSummary[]> {
  const chosen = [...new Set(ids)].map((id) => {
    const point = there.find((candidate) => candidate.point === id);
    if (point === undefined)
      throw new HoldfastError('POINT_NOT_FOUND', `no restore point ${id} is on ${repository.target}`, {
        facts: { point: id, target: repository.target },
      });
    return point;
  });
  for (const point of chosen)
    if (isNewest(point, there))
      throw new HoldfastError(
        'POINT_NEWEST',
        `${point.point} is the newest restore point of ${point.machineName} on ${repository.target}; nothing was forgotten`,
        { facts: { point: point.point, machine: point.machineName, target: repository.target } },
      );
  if (chosen.length === 0) return [];
  await repository.forget(
    chosen.map(({ point }) => point),
    reason,
    call,
  );
  for (const { point, storedBytes } of chosen)
    await catalog.setCopy({ point, target: repository.target, state: 'forgotten', storedBytes, seenAt: now });
  return chosen;
}

/** Of two points of the same instant one has to be the newer: by identity, as retention has it. */
function isNewest(point: PointSummary, there: readonly PointSummary[]): boolean {
  return !there.some(
    (other) =>
      other.endpoint === point.endpoint &&
      other.machine === point.machine &&
      other.point !== point.point &&
      (other.takenAt > point.takenAt || (other.takenAt === point.takenAt && other.point > point.point)),
  );
}
