import type { MoveOrder } from '../data/collect/move-protocol.ts';
import { ID_BYTES } from '../data/packs/format.ts';

/** Which of some packs hold which chunks, and which of those are still to be taken from one of them. */
export interface Owners {
  /** All chunks, each once, 32 bytes each. */
  ids(): Uint8Array;
  /** These chunks are to be taken from the next pack that holds them. */
  want(ids: Uint8Array): void;
  /** What was wanted since the last orders, by pack; none of a chunk that has no pack left to be tried. */
  orders(): (MoveOrder & { readonly ids: Uint8Array })[];
}

/** @param packs Ids of each pack's chunks, 32 bytes each; `null` where they are not known. */
export function ownersOf(packs: ReadonlyMap<string, Uint8Array | null>): Owners {
  const names = [...packs.keys()];
  /** For each chunk the numbers of the packs that hold it and have not been tried; mostly one. */
  const holders = new Map<string, number[]>();
  for (const [number, name] of names.entries()) {
    for (const id of idsIn(packs.get(name) ?? new Uint8Array(0))) {
      const key = keyOf(id);
      const known = holders.get(key);
      if (known === undefined) holders.set(key, [number]);
      else if (known.at(-1) !== number) known.push(number);
    }
  }
  const wanted = new Map<number, string[]>();
  return {
    ids: () => bytesOf([...holders.keys()]),
    want: (ids) => {
      for (const id of idsIn(ids)) {
        const key = keyOf(id);
        const next = holders.get(key)?.shift();
        if (next === undefined) continue;
        const some = wanted.get(next);
        if (some === undefined) wanted.set(next, [key]);
        else some.push(key);
      }
    },
    orders: () => {
      const orders = [...wanted].map(([number, keys]) => ({ pack: names[number] as string, ids: bytesOf(keys) }));
      wanted.clear();
      return orders;
    },
  };
}

const keyOf = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');

function* idsIn(ids: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < ids.length; at += ID_BYTES) yield ids.subarray(at, at + ID_BYTES);
}

/** A copy of its own memory, so that it can travel to another thread. */
function bytesOf(keys: readonly string[]): Uint8Array {
  const bytes = new Uint8Array(keys.length * ID_BYTES);
  const view = Buffer.from(bytes.buffer);
  for (const [number, key] of keys.entries()) view.write(key, number * ID_BYTES, 'latin1');
  return bytes;
}
