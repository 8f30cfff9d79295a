import { type Call, HoldfastError } from '@holdfast/api';
import type { Repository } from '../contract.ts';
import { leaseName } from '../documents/names.ts';
import { insideOf } from './inside.ts';

/**
 * Refuses to copy a repository to itself: by another path, through a link, under another name. Whoever believes to have a second copy there has none.
 * One whose folder was copied as it is has the same identity and is not the same: from that what is lost may be copied back.
 * @throws `USAGE`
 */
export async function refuseSame(from: Repository, into: Repository, call: Call): Promise<void> {
  if (from.id !== into.id) return;
  // What is put into the one shows in the other only if they are one.
  await using session = await insideOf(from).readLeases.hold(call);
  if (session.lease === null || !(await has(into, leaseName(session.lease), call))) return;
  throw new HoldfastError('USAGE', `${from.target} and ${into.target} are one and the same repository`, {
    remedy: 'make a second copy on a target of its own: `holdfast target add`',
    facts: { from: from.target, to: into.target },
  });
}

async function has(repository: Repository, wanted: string, call: Call): Promise<boolean> {
  for await (const { name } of insideOf(repository).documents.store.list(wanted, call)) {
    if (name === wanted) return true;
  }
  return false;
}
