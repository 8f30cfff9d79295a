import type { Call } from '@holdfast/api';
import type { CollectOptions, CollectReport } from '../../repository/collect/contract.ts';
import { refuseRolledBack } from '../points/rollback.ts';
import type { EngineParts } from '../run/parts.ts';

/** Gives back what no restore point of a target needs. @see RepositoryEngine.collect */
export async function collectOn(
  parts: EngineParts,
  target: string,
  options: CollectOptions,
  call: Call,
): Promise<CollectReport> {
  const repository = await parts.openRepository(target, call);
  // The packs of newer restore points may still be there, and whoever put the older state in its place may have only begun to copy.
  await refuseRolledBack(parts.catalog, repository, {}, call);
  return repository.collect(options, call);
}
