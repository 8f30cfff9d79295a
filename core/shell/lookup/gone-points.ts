import type { Call } from '@holdfast/api';
import { goneFrom, newerThanListed } from '../../engine/points/rollback.ts';
import type { Repository } from '../../repository/contract.ts';
import type { Damage } from '../../repository/damage.ts';
import type { Site } from '../contract.ts';

/**
 * Restore points that this installation has seen on a target, that nobody may have forgotten, and of whose commits nothing is left: a repository alone
 * cannot tell that it once had them.
 */
export async function gonePoints(site: Site, repository: Repository, target: string, call: Call): Promise<Damage[]> {
  const known = await (await site.catalog()).points({ target });
  if (known.length === 0) return [];
  const listed = await repository.points({}, call);
  const there = new Set(listed.map(({ point }) => point));
  const missing = known.filter(({ point }) => !there.has(point));
  const gone = await goneFrom(repository, newerThanListed(missing, listed), call);
  return gone.map(({ point, machineName, committedAt }) => ({
    object: `commits/${point}`,
    kind: 'missing',
    detail: `a restore point of ${machineName} was committed here on ${new Date(committedAt).toISOString()}, and its commit is gone`,
    concerns: [{ point, disk: '*', offset: 0, length: 0 }],
  }));
}

/** Damage besides that which was found already, by name of the object. */
export function withMore(damage: readonly Damage[], more: readonly Damage[]): readonly Damage[] {
  const objects = new Set(damage.map(({ object }) => object));
  const fresh = more.filter(({ object }) => !objects.has(object));
  return fresh.length === 0 ? damage : [...damage, ...fresh].sort((a, b) => (a.object < b.object ? -1 : 1));
}
