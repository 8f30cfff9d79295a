import type { SharedIndex } from '../index/index-view.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import type { Handlers } from '../lanes/wire.ts';
import { MarkLane, type PageOrder } from './mark-lane.ts';
import type { MoveOrder } from './move-protocol.ts';

/** Where else some chunks lie. */
export interface OtherPlaces {
  /** For each pack the chunks that are best taken from it. */
  readonly orders: readonly MoveOrder[];
  /** Ids of chunks that lie in no other pack which counts, 32 bytes each. */
  readonly none: Uint8Array;
}

/** What a thread can be asked for to find out what is reachable. */
export function markWork(context: ThreadContext): Handlers {
  let lane: MarkLane | null = null;
  return {
    'mark.page': (order: PageOrder) => {
      lane ??= new MarkLane(context);
      return lane.mark(order);
    },
    /** Its memory is worth a few megabytes, and is wanted seldom. */
    'mark.end': () => {
      lane = null;
    },
    'mark.others': (order: { index: SharedIndex; ids: Uint8Array; but: readonly string[] }) =>
      others(context, order.index, order.ids, new Set(order.but)),
  };
}

/** Places of chunks in packs that are good for new restore points, but for some packs. */
function others(context: ThreadContext, index: SharedIndex, ids: Uint8Array, but: ReadonlySet<string>): OtherPlaces {
  const view = context.index(index);
  const byPack = new Map<string, Uint8Array[]>();
  const none: Uint8Array[] = [];
  for (let at = 0; at < ids.length; at += 32) {
    const id = ids.subarray(at, at + 32);
    const place = view.all(id).find((hit) => hit.isLive && !but.has(hit.pack));
    if (place === undefined) none.push(id);
    else if (byPack.has(place.pack)) byPack.get(place.pack)?.push(id);
    else byPack.set(place.pack, [id]);
  }
  const orders = [...byPack].map(([pack, some]) => ({ pack, ids: Uint8Array.from(Buffer.concat(some)) }));
  return { orders, none: Uint8Array.from(Buffer.concat(none)) };
}
