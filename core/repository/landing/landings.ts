import { type Call, isHoldfastError } from '@holdfast/api';
import type { CollectorPlane } from '../data/collect/collector-plane.ts';
import type { Documents } from '../documents/documents.ts';
import { mapLimited } from '../documents/map-limited.ts';
import type { LandedState } from './contract.ts';
import {
  LANDINGS_PREFIX,
  type Landing,
  landingName,
  landingPattern,
  PACKS_A_LANDING,
  parseLanding,
} from './landing-document.ts';

const AT_ONCE = 16;

/** A landing as it was found. */
export interface FoundLanding extends Landing {
  readonly name: string;
}

/**
 * Says of packs that they landed. They and their index runs are durable.
 * @param landed Packs with their sizes.
 */
export async function putLandings(
  documents: Documents,
  lease: string,
  landed: ReadonlyMap<string, number>,
  now: number,
  call: Call,
): Promise<void> {
  const all = [...landed];
  for (let at = 0; at < all.length; at += PACKS_A_LANDING) {
    const some = all.slice(at, at + PACKS_A_LANDING);
    const landing: Landing = {
      version: 1,
      lease,
      packs: some.map(([pack]) => pack),
      bytes: some.reduce((sum, [, size]) => sum + size, 0),
      landedAt: now,
    };
    await documents.put(documents.seal(landingName(lease, at / PACKS_A_LANDING), landing), call);
  }
}

/** All that landed and has not been tidied away, oldest first. One that cannot be read is left out, and its packs stay as they are. */
export async function readLandings(documents: Documents, call: Call): Promise<readonly FoundLanding[]> {
  const names = new Set<string>();
  for await (const { name } of documents.store.list(LANDINGS_PREFIX, call))
    if (landingPattern.test(name)) names.add(name);
  const read = await mapLimited([...names], AT_ONCE, async (name) => {
    try {
      return [{ name, ...parseLanding((await documents.fetch(name, call)).value, name) }];
    } catch (failure) {
      if (isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return [];
      if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
      call.log('warn', `${name} is left out of account: ${failure.message}`);
      return [];
    }
  });
  return read.flat().sort((a, b) => a.landedAt - b.landedAt || (a.name < b.name ? -1 : 1));
}

/** All packs that landed, whatever has become of them since. */
export async function landedPacks(documents: Documents, call: Call): Promise<ReadonlySet<string>> {
  return new Set((await readLandings(documents, call)).flatMap(({ packs }) => packs));
}

/** Packs that wait to be deduplicated, by what the store lists. The landings were read before it was listed. */
export function waitingOf(
  landings: readonly FoundLanding[],
  listed: ReadonlyMap<string, number>,
  isCondemned: (pack: string) => boolean,
): { readonly packs: ReadonlySet<string>; readonly state: LandedState } {
  const packs = new Set<string>();
  let bytes = 0;
  let oldestAt: number | null = null;
  for (const landing of landings) {
    for (const pack of landing.packs) {
      const size = listed.get(pack);
      if (size === undefined || packs.has(pack) || isCondemned(pack)) continue;
      packs.add(pack);
      bytes += size;
      oldestAt = Math.min(oldestAt ?? landing.landedAt, landing.landedAt);
    }
  }
  return { packs, state: { packs: packs.size, bytes, oldestAt } };
}

/** What waits now. */
export async function landedState(documents: Documents, collector: CollectorPlane, call: Call): Promise<LandedState> {
  const landings = await readLandings(documents, call);
  if (landings.length === 0) return { packs: 0, bytes: 0, oldestAt: null };
  const listed = await collector.listPacks(call);
  return waitingOf(landings, listed, (pack) => collector.isCondemned(pack)).state;
}

/** Removes documents none of whose packs is listed any more. */
export async function tidyLandings(documents: Documents, collector: CollectorPlane, call: Call): Promise<number> {
  const landings = await readLandings(documents, call);
  if (landings.length === 0) return 0;
  // Listed after the documents were: the packs of each are older than it is.
  const listed = await collector.listPacks(call);
  const over = landings.filter(({ packs }) => !packs.some((pack) => listed.has(pack)));
  for (const { name } of over) await documents.store.remove(name, call);
  return over.length;
}
