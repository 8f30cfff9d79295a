import { type Call, HoldfastError, isHoldfastError, type PointSummary } from '@holdfast/api';
import type { Catalog } from '../../catalog/contract.ts';
import type { Repository } from '../../repository/contract.ts';

/** Points of one machine share this. */
const machineOf = ({ endpoint, machine }: PointSummary): string => JSON.stringify([endpoint, machine]);

/**
 * Of the points that the catalog has seen and the repository does not list: those newer than all that it lists of their machine. Nobody may forget the
 * newest point of a machine, so an older state has been put in the repository's place, or a newer one is damaged.
 */
export function newerThanListed(missing: readonly PointSummary[], listed: readonly PointSummary[]): PointSummary[] {
  const newest = new Map<string, number>();
  for (const point of listed)
    newest.set(machineOf(point), Math.max(point.committedAt, newest.get(machineOf(point)) ?? 0));
  return missing.filter((point) => point.committedAt > (newest.get(machineOf(point)) ?? 0));
}

/** Of the points that `newerThanListed` named, those that are gone altogether: one that is only damaged is no sign of an older state. */
export async function goneFrom(
  repository: Repository,
  points: readonly PointSummary[],
  call: Call,
): Promise<PointSummary[]> {
  const gone: PointSummary[] = [];
  for (const point of points) {
    try {
      await repository.open(point.point, call);
    } catch (thrown) {
      if (isHoldfastError(thrown, 'POINT_NOT_FOUND')) gone.push(point);
      else if (!isHoldfastError(thrown, 'REPOSITORY_DAMAGED')) throw thrown;
    }
  }
  return gone;
}

/**
 * Refuses to add to a repository that has gone back in time for this machine, or to take from one that has for any: the older state may be an attacker's, or a
 * copy restored by mistake, and what is written now would make the two hard to tell apart.
 * @throws `REPOSITORY_ROLLED_BACK`
 */
export async function refuseRolledBack(
  catalog: Catalog,
  repository: Repository,
  of: { readonly endpoint?: string; readonly machine?: string },
  call: Call,
): Promise<void> {
  const known = await catalog.points({ ...of, target: repository.target });
  if (known.length === 0) return;
  const listed = await repository.points(of, call);
  const there = new Set(listed.map(({ point }) => point));
  const missing = known.filter(({ point }) => !there.has(point));
  const [newest] = await goneFrom(repository, newerThanListed(missing, listed), call);
  if (newest === undefined) return;
  throw new HoldfastError(
    'REPOSITORY_ROLLED_BACK',
    `the repository on ${repository.target} has gone back in time: it lacks restore point ${newest.point} of ${newest.machineName}, which was committed there on ${new Date(newest.committedAt).toISOString()}`,
    {
      remedy: `find out who put an older state in its place; if that was meant, \`holdfast repository accept ${repository.target}\``,
      facts: { target: repository.target, point: newest.point, committedAt: newest.committedAt },
    },
  );
}
