import type { Call, ObjectStore } from '@holdfast/api';
import { throwIfCancelled } from '@holdfast/api';
import { packOfName } from '../packs/format.ts';
import { PACK_DYING, PACK_GONE, PACK_LIVE, type PackState } from './cache-file.ts';

/** The packs that a store lists, and which of them a collector is about to remove. */
export class PackListing {
  readonly #sizes = new Map<string, number>();
  #dying: ReadonlySet<string> = new Set();

  /** Lists the store anew. */
  async refresh(store: ObjectStore, dying: ReadonlySet<string>, call: Call): Promise<void> {
    const sizes = new Map<string, number>();
    for await (const object of store.list('packs/', call)) {
      throwIfCancelled(call.signal, 'listing packs');
      const pack = packOfName(object.name);
      if (pack !== null) sizes.set(pack, object.sizeBytes);
    }
    this.#sizes.clear();
    for (const [pack, size] of sizes) this.#sizes.set(pack, size);
    this.#dying = dying;
  }

  add(pack: string, sizeBytes: number): void {
    this.#sizes.set(pack, sizeBytes);
  }

  get packs(): ReadonlyMap<string, number> {
    return this.#sizes;
  }

  /** Bytes of a pack; `undefined` when it is not listed. */
  size(pack: string): number | undefined {
    return this.#sizes.get(pack);
  }

  /** Whether a collector or a repair is about to remove the pack. */
  isCondemned(pack: string): boolean {
    return this.#dying.has(pack);
  }

  /**
   * What new restore points and readers may expect of a pack.
   * @param packBytes What it must have. One that is shorter or longer is damaged: nothing new is built upon it, and what is left is read.
   */
  state(pack: string, packBytes: number): PackState {
    const size = this.#sizes.get(pack);
    if (size === undefined) return PACK_GONE;
    return size !== packBytes || this.#dying.has(pack) ? PACK_DYING : PACK_LIVE;
  }
}
