import type { Call } from '@holdfast/api';
import { mapLimited } from '../../documents/map-limited.ts';
import type { IndexKeeper } from '../index/index-keeper.ts';
import type { ThreadPool } from '../lanes/thread-pool.ts';
import type { ReadChunk } from '../read/disk-map.ts';
import type { InspectedPack } from './inspect-pack.ts';

/** A damaged pack, and what of it lies nowhere else. Ids are 32 bytes each. */
export interface WeighedPack extends Omit<InspectedPack, 'lost'> {
  /** Whether a tombstone names it: nothing new is built upon it. */
  readonly isCondemned: boolean;
  /** Chunks among `whole` and `stray` that lie in no pack that is whole and stays. */
  readonly wholeOnlyHere: Uint8Array;
  readonly strayOnlyHere: Uint8Array;
  /** Chunks that neither it nor any other pack gives. */
  readonly lost: Uint8Array;
}

/**
 * Looks what damaged packs still give, and what of that would be missed. By the index as of the last refresh.
 * @param packs All that are damaged: none of them vouches for another.
 */
export async function weighPacks(
  pool: ThreadPool,
  keeper: IndexKeeper,
  readChunk: ReadChunk,
  packs: readonly string[],
  call: Call,
): Promise<WeighedPack[]> {
  const damaged = new Set(packs);
  const isElsewhere = (id: Uint8Array): boolean =>
    keeper.view.all(id).some((place) => place.isLive && !damaged.has(place.pack));
  return mapLimited(packs, pool.width, async (pack) => {
    const found = await pool.ask<InspectedPack>('pack.inspect', { index: keeper.shared, pack }, call.signal);
    const lost: Uint8Array[] = [];
    for (const id of each(found.lost)) {
      const isGiven = keeper.view.all(id).some((place) => place.pack !== pack) && (await readChunk(id, call)) !== null;
      if (!isGiven) lost.push(id);
    }
    return {
      ...found,
      isCondemned: keeper.listing.isCondemned(pack),
      wholeOnlyHere: Uint8Array.from(Buffer.concat(each(found.whole).filter((id) => !isElsewhere(id)))),
      strayOnlyHere: Uint8Array.from(Buffer.concat(each(found.stray).filter((id) => !isElsewhere(id)))),
      lost: Uint8Array.from(Buffer.concat(lost)),
    };
  });
}

function each(ids: Uint8Array): Uint8Array[] {
  return Array.from({ length: ids.length / 32 }, (_, i) => ids.subarray(i * 32, i * 32 + 32));
}
