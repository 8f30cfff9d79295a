import { isHoldfastError, makeCall, type ObjectStore } from '@holdfast/api';
import type { PackListing } from '../index/pack-listing.ts';
import { Handover } from '../lanes/wire.ts';
import { packName } from './format.ts';

/** Answers a thread where a pack lies: on this machine where the store can say so. */
export async function locatePack(
  store: ObjectStore,
  listing: PackListing,
  pack: string,
): Promise<{ readonly path: string | null; readonly sizeBytes: number } | null> {
  const sizeBytes = listing.size(pack);
  if (sizeBytes === undefined) return null;
  const place = (await store.locate?.(packName(pack), makeCall({ who: 'repository' }))) ?? null;
  return { path: place?.path ?? null, sizeBytes };
}

/** Fetches a part of a pack for a thread; what is not there is empty. */
export async function fetchPack(store: ObjectStore, pack: string, offset: number, length: number): Promise<Handover> {
  const bytes = new Uint8Array(length);
  let done = 0;
  try {
    for await (const part of store.get(packName(pack), { offset, length }, makeCall({ who: 'repository' }))) {
      bytes.set(part.subarray(0, length - done), done);
      done += Math.min(part.length, length - done);
    }
  } catch (cause) {
    if (!isHoldfastError(cause, 'OBJECT_NOT_FOUND')) throw cause;
    done = 0;
  }
  const found = done === length ? bytes : bytes.slice(0, done);
  return new Handover(found, [found.buffer]);
}
