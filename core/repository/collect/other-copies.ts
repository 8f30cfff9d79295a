import type { Call } from '@holdfast/api';
import type { CollectorPlane } from '../data/collect/collector-plane.ts';
import type { MoveOrder } from '../data/collect/move-protocol.ts';
import type { LeaseLook } from './lease-watch.ts';

/**
 * Finds out which chunks lie in other packs that can be relied upon: good for new restore points, and of nobody who is still at work. What a
 * writer has put may be seen before it is durable, and only the end of its work says that it is.
 */
export class OtherCopies {
  readonly #plane: CollectorPlane;
  readonly #look: LeaseLook;
  readonly #known = new Map<string, boolean>();
  readonly #but: Set<string>;

  /**
   * @param look Taken after the packs were listed: who has put one of them is on it.
   * @param but Packs that do not count.
   */
  constructor(plane: CollectorPlane, look: LeaseLook, but: Iterable<string>) {
    this.#plane = plane;
    this.#look = look;
    this.#but = new Set(but);
  }

  /** Answers where else each chunk lies, and which lie nowhere else. */
  async find(
    ids: Uint8Array,
    call: Call,
  ): Promise<{ readonly orders: readonly MoveOrder[]; readonly none: Uint8Array }> {
    for (;;) {
      const found = await this.#plane.otherPlaces(ids, [...this.#but], call);
      const packs = found.orders.map(({ pack }) => pack);
      await this.#learn(
        packs.filter((pack) => !this.#known.has(pack)),
        call,
      );
      const unfit = packs.filter((pack) => this.#known.get(pack) !== true);
      if (unfit.length === 0) return found;
      for (const pack of unfit) this.#but.add(pack);
    }
  }

  async #learn(packs: readonly string[], call: Call): Promise<void> {
    const headers = await this.#plane.headers(packs, call);
    for (const pack of packs) {
      const header = headers.get(pack);
      this.#known.set(pack, header !== undefined && !this.#look.open.has(header.lease));
    }
  }
}
