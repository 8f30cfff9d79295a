import type { Call } from '@holdfast/api';
import type { DeduplicateOptions } from '../../repository/landing/contract.ts';
import { refuseRolledBack } from '../points/rollback.ts';
import type { EngineParts } from '../run/parts.ts';
import type { Deduplicated } from './contract.ts';
import { dedupeRules } from './dedupe.ts';

/** Deduplicates what landed on a target, then gives the room of it back. @see RepositoryEngine.deduplicate */
export async function deduplicateOn(
  parts: EngineParts,
  target: string,
  options: DeduplicateOptions & { readonly waitMs?: number },
  call: Call,
): Promise<Deduplicated> {
  const repository = await parts.openRepository(target, call);
  await refuseRolledBack(parts.catalog, repository, {}, call);
  const { waitMs = 0, ...how } = options;
  const report = await repository.deduplicate(how, call);
  const isDone = report.isDryRun || report.condemnedPacks === 0;
  return { report, collected: isDone ? null : await repository.collect({ waitMs }, call) };
}

/**
 * Deduplicates what landed on a target when its window is open, until it closes; at any time what has waited longer than the deadline.
 * Answers `null` when there was nothing to be done.
 */
export async function deduplicateDue(parts: EngineParts, target: string, call: Call): Promise<Deduplicated | null> {
  const { now, config, zone } = parts;
  const { isOpen, deadlineMs } = dedupeRules(target, config.config.targets[target], zone);
  const repository = await parts.openRepository(target, call);
  const { oldestAt } = await repository.landed(call);
  if (oldestAt === null) return null;
  const isLate = now() - oldestAt >= deadlineMs;
  if (!isLate && !isOpen(now())) return null;
  return await deduplicateOn(parts, target, { isOver: () => !isLate && !isOpen(now()) }, call);
}
