import { type Call, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Documents, SealedDocument } from '../documents/documents.ts';
import { commitName } from '../documents/names.ts';
import { type Committed, parseCommit } from './commit-document.ts';

/**
 * Puts a manifest, then the commit: the moment at which the restore point exists.
 * @throws {HoldfastError} `LEASE_LOST` when a collector was first. When the store failed and does not show the commit as ours, its error.
 * @see docs/formats/repository.md §9
 */
export async function commitPoint(
  documents: Documents,
  manifest: SealedDocument,
  commit: Committed,
  call: Call,
): Promise<void> {
  await documents.put(manifest, call);
  const name = commitName(commit.lease);
  try {
    await documents.put(documents.seal(name, commit), call);
  } catch (failure) {
    if (!isHoldfastError(failure, 'OBJECT_EXISTS')) throw failure;
    // A retry within the store may find what its first try has put: then it is ours and it is durable.
    if (await isOurs(documents, name, commit, call)) return;
    throw new HoldfastError(
      'LEASE_LOST',
      `the writer ${commit.lease} was fenced because it had been silent for too long`,
      { cause: failure },
    );
  }
}

async function isOurs(documents: Documents, name: string, commit: Committed, call: Call): Promise<boolean> {
  try {
    const there = parseCommit((await documents.fetch(name, call)).value, name, commit.lease);
    return there.state === 'committed' && there.sha256 === commit.sha256;
  } catch (failure) {
    // Whatever it is that was put there, it is not ours.
    if (isHoldfastError(failure, 'REPOSITORY_DAMAGED')) return false;
    throw failure;
  }
}
