import { type Call, isHoldfastError, throwIfCancelled } from '@holdfast/api';
import type { Documents } from '../documents/documents.ts';
import { mapLimited } from '../documents/map-limited.ts';
import { commitName, endName, forgottenName, idPattern, leaseName, manifestPattern } from '../documents/names.ts';
import { parseManifest } from '../points/manifest.ts';
import { fence, type LeaseLook } from './lease-watch.ts';
import { isOpen, readLeases, type SeenLease } from './look-at-leases.ts';
import type { WholeListing } from './read-points.ts';
import type { Epoch } from './tombstones.ts';
import type { CollectWork } from './work.ts';

const AT_ONCE = 8;

/**
 * Removes commits and manifests of restore points that were forgotten before everybody began who is at work now. The commit goes first:
 * without it the restore point does not exist, whatever becomes of the rest.
 */
export async function removeForgotten(
  work: CollectWork,
  epochs: readonly Epoch[],
  listing: WholeListing,
): Promise<void> {
  const { documents, call } = work;
  const going = new Set(
    epochs.flatMap(({ tombstone }) => tombstone.points).filter((point) => listing.forgotten.has(point)),
  );
  const there = [...going].filter((point) => listing.commits.has(point));
  let done = 0;
  await mapLimited(there, AT_ONCE, async (point) => {
    throwIfCancelled(call.signal, 'the collection');
    const manifest = await manifestOf(point, work);
    await documents.store.remove(commitName(point), call);
    if (manifest !== null && !listing.manifests.has(manifest)) await documents.store.remove(manifest, call);
    work.sums.sweptObjects += manifest === null ? 1 : 2;
    call.progress({ phase: `removing forgotten restore points: ${++done} of ${there.length}` });
  });
}

/** The manifest that a commit names; `null` when nobody can tell. */
async function manifestOf(point: string, { documents, call }: CollectWork): Promise<string | null> {
  try {
    const { value } = await documents.fetch(commitName(point), call);
    const manifest = typeof value === 'object' && value !== null && 'manifest' in value ? value.manifest : null;
    return typeof manifest === 'string' && manifestPattern.test(manifest) ? manifest : null;
  } catch (failure) {
    if (isHoldfastError(failure, 'OBJECT_NOT_FOUND') || isHoldfastError(failure, 'REPOSITORY_DAMAGED')) return null;
    throw failure;
  }
}

/**
 * Removes manifests that no commit names and none ever will: of forgotten restore points whose commits are gone, and of writers that did not
 * get to commit. Forgets go when nothing is left that they explain.
 */
export async function removeStrays(work: CollectWork, listing: WholeListing): Promise<void> {
  const { documents, watch, lease, terms, sums, call } = work;
  const strays: string[] = [];
  for await (const { name } of documents.store.list('manifests/', call)) {
    if (manifestPattern.test(name) && !listing.manifests.has(name)) strays.push(name);
  }
  // After the manifests were listed and never before: whose manifest was there has a lease on this look, or is over.
  const look = await watch.look(lease.id, call);
  const commits = new Set<string>();
  for await (const { name } of documents.store.list('commits/', call)) commits.add(name.slice('commits/'.length));
  const explained = new Set(listing.previous);
  await mapLimited(strays, AT_ONCE, async (name) => {
    const read = await readManifest(documents, name, call);
    if (read === null) return;
    const { point, previous } = read;
    const isNamed = async (): Promise<boolean> => {
      if (listing.forgotten.has(point)) return commits.has(point);
      if (look.open.has(point)) return true;
      const there = await fence(documents, point, terms.now(), call);
      return there.state === 'committed' && there.manifest === name;
    };
    if (await isNamed()) {
      if (previous !== null) explained.add(previous);
      return;
    }
    await documents.store.remove(name, call);
    sums.sweptObjects++;
  });
  const isQuiet = [...look.open.values()].every(({ document }) => document?.purpose === 'read');
  // Somebody at work may have seen the restore point before its commit went, and name it as the one before.
  if (!isQuiet) return;
  for (const { point, sha256 } of listing.forgotten.values()) {
    if (listing.commits.has(point) || commits.has(point) || explained.has(sha256)) continue;
    await documents.store.remove(forgottenName(point), call);
    sums.sweptObjects++;
  }
}

async function readManifest(
  documents: Documents,
  name: string,
  call: Call,
): Promise<{ readonly point: string; readonly previous: string | null } | null> {
  try {
    const { point, previous } = parseManifest((await documents.fetch(name, call)).value, name);
    return idPattern.test(point) ? { point, previous: previous?.sha256 ?? null } : null;
  } catch (failure) {
    // A repair deals with what is damaged.
    if (isHoldfastError(failure, 'OBJECT_NOT_FOUND') || isHoldfastError(failure, 'REPOSITORY_DAMAGED')) return null;
    throw failure;
  }
}

/**
 * Removes leases that are over. A writer that never committed leaves a fence behind for ever: nobody knows when the last put of a process
 * that was stopped, or of a network that held it up, arrives.
 */
export async function removeLeases(work: CollectWork, look: LeaseLook): Promise<void> {
  const { lease, documents, call, sums } = work;
  const over = [...look.all.values()].filter((seen) => !isOpen(seen) && seen.lease !== lease.id);
  const documentsOf = await readLeases(documents, over, call);
  await mapLimited(over, AT_ONCE, async (seen) => {
    const purpose = documentsOf.get(seen.lease)?.purpose ?? null;
    sums.sweptObjects += await removeLease(work, seen, purpose === 'read' || purpose === 'collect');
  });
}

async function removeLease(
  { documents, terms, call }: CollectWork,
  seen: SeenLease,
  neverCommits: boolean,
): Promise<number> {
  const { store } = documents;
  const base = leaseName(seen.lease);
  const end = endName(seen.lease);
  // Without its beginning it is what another collection has left over, which has seen to the rest.
  if (!neverCommits && !seen.isDecided && seen.names.includes(base))
    await fence(documents, seen.lease, terms.now(), call);
  const renewals = seen.names.filter((name) => name !== base && name !== end);
  for (const name of renewals) await store.remove(name, call);
  if (seen.names.includes(base)) await store.remove(base, call);
  if (seen.names.includes(end)) await store.remove(end, call);
  if (!neverCommits || !seen.isDecided) return seen.names.length;
  await store.remove(commitName(seen.lease), call);
  return seen.names.length + 1;
}
