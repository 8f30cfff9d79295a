import type { Call, PointSummary } from '@holdfast/api';
import type { Repository } from '../../repository/contract.ts';
import { forgetPoints } from '../retention/forget.ts';
import { expiryOn } from '../retention/rules-on.ts';
import type { EngineParts } from '../run/parts.ts';
import type { SyncCandidate, SyncPlan } from './contract.ts';
import { noteForgotten } from './due.ts';

const momentOf = ({ endpoint, machine, takenAt }: PointSummary): string => JSON.stringify([endpoint, machine, takenAt]);

const machineOf = ({ endpoint, machine }: PointSummary): string => JSON.stringify([endpoint, machine]);

/**
 * What a target is to be brought of some restore points of another: what is there already stays, and what was forgotten there or would be at once does not come back.
 * @param points Of the other target, oldest first.
 * @param there All restore points on the target, of these machines at least.
 * @param again What was forgotten there comes back all the same.
 */
export async function wantedThere(
  parts: EngineParts,
  target: string,
  points: readonly PointSummary[],
  there: readonly PointSummary[],
  again: boolean,
): Promise<Omit<SyncPlan, 'relation'>> {
  const present = new Set(there.map(momentOf));
  const forgotten = new Set(again ? [] : (await parts.catalog.forgottenPoints(target)).map(momentOf));
  const isOpen = (point: PointSummary): boolean => !present.has(momentOf(point)) && !forgotten.has(momentOf(point));
  const expires = new Set<PointSummary>();
  for (const some of Map.groupBy(points.filter(isOpen), machineOf).values()) {
    const [one] = some;
    if (one === undefined) continue;
    const ours = there.filter((other) => machineOf(other) === machineOf(one));
    // As if all of them were there: what a rule lets go of now it never keeps again.
    for (const point of (await expiryOn(parts, target, one))([...ours, ...some])) expires.add(point);
  }
  const leftOut = (point: PointSummary): SyncCandidate['leftOut'] => {
    if (present.has(momentOf(point))) return null;
    if (forgotten.has(momentOf(point))) return 'forgotten';
    return expires.has(point) ? 'retention' : null;
  };
  return {
    points: points.map((point) => ({ point, seemsThere: present.has(momentOf(point)), leftOut: leftOut(point) })),
    expires: there.filter((point) => expires.has(point)),
  };
}

/** Forgets what the retention of a target no longer keeps of a machine, now that copies have come. Answers what was forgotten. */
export async function expireThere(
  parts: EngineParts,
  repository: Repository,
  copies: readonly PointSummary[],
  call: Call,
): Promise<readonly PointSummary[]> {
  const { target } = repository;
  const gone: PointSummary[] = [];
  for (const [one] of Map.groupBy(copies, machineOf).values()) {
    if (one === undefined) continue;
    const expires = await expiryOn(parts, target, one);
    const points = await repository.points({ endpoint: one.endpoint, machine: one.machine }, call);
    const ids = expires(points).map(({ point }) => point);
    gone.push(
      ...(await forgetPoints(parts.catalog, repository, points, ids, `retention of ${target}`, parts.now(), call)),
    );
  }
  if (gone.length > 0) await noteForgotten(parts.collections, target, parts.now());
  return gone;
}
