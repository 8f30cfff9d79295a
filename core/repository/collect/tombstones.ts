import { randomInt } from 'node:crypto';
import { type Call, isHoldfastError } from '@holdfast/api';
import type { Documents } from '../documents/documents.ts';
import { isOpen, lookAtLeases } from './look-at-leases.ts';
import {
  awaitedName,
  parseAwaited,
  parseTombstone,
  type Tombstone,
  tombstoneName,
  tombstonePattern,
} from './tombstone-document.ts';

const MOST_EPOCH = 999_999_999_999;
/** A sealed document holds some 1.8 million identities. */
const PACKS_A_TOMBSTONE = 500_000;

/** Something condemned, and whom it waits for. */
export interface Epoch {
  readonly tombstone: Tombstone;
  /** Leases that were open when it was put, or a little later. */
  readonly awaited: readonly string[];
}

/**
 * Condemns packs, and forgotten restore points: from now on writers that begin do without these packs, and who had begun is written down.
 * Nothing is removed. The caller holds a lease.
 * @returns The epochs, none when there is nothing to condemn.
 */
export async function condemn(
  documents: Documents,
  what: { readonly packs: readonly string[]; readonly points: readonly string[] },
  own: string,
  now: number,
  call: Call,
): Promise<Epoch[]> {
  const epochs: Epoch[] = [];
  const { packs, points } = what;
  for (let at = 0; at < packs.length || (at === 0 && points.length > 0); at += PACKS_A_TOMBSTONE) {
    const some = { packs: packs.slice(at, at + PACKS_A_TOMBSTONE), points: at === 0 ? points : [] };
    const tombstone = await putTombstone(documents, some, now, call);
    epochs.push({ tombstone, awaited: await writeDown(documents, tombstone.epoch, own, now, call) });
  }
  return epochs;
}

async function putTombstone(
  documents: Documents,
  what: { readonly packs: readonly string[]; readonly points: readonly string[] },
  now: number,
  call: Call,
): Promise<Tombstone> {
  for (;;) {
    // Drawn by lot, never counted: a number must not come again while a collector that was stopped may still remove what it knew by it.
    const epoch = randomInt(MOST_EPOCH) + 1;
    const tombstone: Tombstone = { version: 1, epoch, ...what, writtenAt: now };
    try {
      await documents.put(documents.seal(tombstoneName(epoch), tombstone), call);
      return tombstone;
    } catch (failure) {
      if (!isHoldfastError(failure, 'OBJECT_EXISTS')) throw failure;
    }
  }
}

/** Lists who is at work, after the tombstone and never before it, and writes it down. */
async function writeDown(
  documents: Documents,
  epoch: number,
  own: string,
  now: number,
  call: Call,
): Promise<readonly string[]> {
  const all = await lookAtLeases(documents, call);
  const leases = [...all.values()].filter((lease) => isOpen(lease) && lease.lease !== own).map(({ lease }) => lease);
  const name = awaitedName(epoch);
  try {
    await documents.put(documents.seal(name, { version: 1, epoch, leases, writtenAt: now }), call);
  } catch (failure) {
    // Another collector has written it down; whoever is on either list is waited for.
    if (!isHoldfastError(failure, 'OBJECT_EXISTS')) throw failure;
    const others = parseAwaited((await documents.fetch(name, call)).value, name, epoch);
    return [...new Set([...leases, ...others.leases])];
  }
  return leases;
}

/**
 * Everything that is condemned. Whom it waits for is written down now where a collector was broken off before it could: later than it
 * should be is more than it need be.
 */
export async function readEpochs(documents: Documents, own: string, now: number, call: Call): Promise<Epoch[]> {
  const names = new Set<string>();
  for await (const { name } of documents.store.list('tombstones/', call)) names.add(name);
  const epochs: Epoch[] = [];
  for (const name of [...names].sort()) {
    const [, digits, suffix] = tombstonePattern.exec(name) ?? [];
    if (digits === undefined || suffix !== undefined) continue;
    const tombstone = await readTombstone(documents, Number(digits), call);
    if (tombstone !== null)
      epochs.push({ tombstone, awaited: await awaitedOf(documents, Number(digits), own, now, call) });
  }
  return epochs;
}

/** `null` when it is gone, or cannot be read: then it condemns nothing, and a repair removes it. */
async function readTombstone(documents: Documents, epoch: number, call: Call): Promise<Tombstone | null> {
  const name = tombstoneName(epoch);
  try {
    return parseTombstone((await documents.fetch(name, call)).value, name, epoch);
  } catch (failure) {
    if (isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return null;
    if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
    call.log('warn', `${name} is left out of account: ${failure.message}`);
    return null;
  }
}

async function awaitedOf(
  documents: Documents,
  epoch: number,
  own: string,
  now: number,
  call: Call,
): Promise<readonly string[]> {
  const name = awaitedName(epoch);
  try {
    return parseAwaited((await documents.fetch(name, call)).value, name, epoch).leases;
  } catch (failure) {
    const isDamaged = isHoldfastError(failure, 'REPOSITORY_DAMAGED');
    if (!isDamaged && !isHoldfastError(failure, 'OBJECT_NOT_FOUND')) throw failure;
    if (isDamaged) await documents.store.remove(name, call);
    return writeDown(documents, epoch, own, now, call);
  }
}

/** Ends an epoch: what is still there of its packs is as good as any from now on. */
export async function endEpoch(documents: Documents, epoch: number, call: Call): Promise<void> {
  await documents.store.remove(tombstoneName(epoch), call);
  await documents.store.remove(awaitedName(epoch), call);
}

/** Removes lists of leases whose tombstones are gone. */
export async function removeStrayLists(documents: Documents, call: Call): Promise<number> {
  const names = new Set<string>();
  for await (const { name } of documents.store.list('tombstones/', call)) names.add(name);
  let removed = 0;
  for (const name of names) {
    const [, digits, suffix] = tombstonePattern.exec(name) ?? [];
    if (digits === undefined || suffix === undefined || names.has(tombstoneName(Number(digits)))) continue;
    await documents.store.remove(name, call);
    removed++;
  }
  return removed;
}
