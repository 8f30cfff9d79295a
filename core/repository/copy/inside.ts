import { isDeepStrictEqual } from 'node:util';
import type { Repository } from '../contract.ts';
import type { DataPlane } from '../data-plane.ts';
import type { Documents } from '../documents/documents.ts';
import type { RepositoryFormat } from '../format/repository-format.ts';
import type { KeyKeeper } from '../keys/key-keeper.ts';
import type { LeaseTerms } from '../leases/lease.ts';
import type { ReadLeases } from '../leases/read-leases.ts';
import type { PointList } from '../points/point-list.ts';
import type { RepositorySecrets } from '../suite.ts';

/** What one open repository must see of another to copy from it, or to be made its relative. */
export interface Inside {
  readonly target: string;
  readonly format: RepositoryFormat;
  readonly secrets: RepositorySecrets;
  readonly documents: Documents;
  readonly plane: DataPlane;
  readonly points: PointList;
  readonly readLeases: ReadLeases;
  readonly terms: LeaseTerms;
  readonly keys: Pick<KeyKeeper, 'assertComplete'>;
}

const insides = new WeakMap<Repository, Inside>();

/** Every open repository does this once: what is inside stays out of everybody else's sight. */
export function letInside(repository: Repository, inside: Inside): void {
  insides.set(repository, inside);
}

export function insideOf(repository: Repository): Inside {
  const inside = insides.get(repository);
  if (inside === undefined) throw new Error(`the repository on ${repository.target} was not opened in this process`);
  return inside;
}

/** Whether chunks have the same ids in both, and disks are cut alike. */
export function areFamily(one: Inside, other: Inside): boolean {
  return (
    Buffer.compare(one.secrets.family, other.secrets.family) === 0 &&
    one.format.suite.hash === other.format.suite.hash &&
    one.format.suite.segmentBytes === other.format.suite.segmentBytes &&
    isDeepStrictEqual(one.format.suite.chunker, other.format.suite.chunker)
  );
}
