import type { PackDamage } from '../data-plane.ts';
import type { SuspectPack } from './suspect-pack.ts';

const HEAD_BYTES = 8;
const FREE = -1;
const UNTRIED = 0;
const LOST = 1;
const GIVEN = 2;

/**
 * Which pack should have had a chunk that is lost. Some 30 bytes a chunk, for a target may have lost millions. It tells chunks apart by 8 bytes of
 * their ids; should two be taken for one, the wrong pack is named, or one is not tried that is named as lost by a damaged pack as well.
 */
export class Culprits {
  readonly #objects: string[] = [];
  readonly #mask: number;
  /** Two words a slot. */
  readonly #heads: Uint32Array;
  readonly #packs: Int32Array;
  readonly #verdicts: Uint8Array;

  constructor(damaged: readonly PackDamage[], suspects: readonly SuspectPack[]) {
    const listed = suspects.reduce((sum, { heads }) => sum + heads.length / HEAD_BYTES, 0);
    const count = damaged.reduce((sum, { lost }) => sum + lost.length, listed);
    const slots = 2 ** Math.ceil(Math.log2(Math.max(4, (count * 4) / 3)));
    this.#mask = slots - 1;
    this.#heads = new Uint32Array(slots * 2);
    this.#packs = new Int32Array(slots).fill(FREE);
    this.#verdicts = new Uint8Array(slots);
    for (const { object, heads } of suspects) {
      const pack = this.#objects.push(object) - 1;
      for (let at = 0; at < heads.length; at += HEAD_BYTES) this.#enter(heads, at, pack);
    }
    // What a pack is known to have lost tells more than what an index says of it.
    for (const { object, lost } of damaged) {
      const pack = this.#objects.push(object) - 1;
      for (const id of lost) this.#enter(id, 0, pack);
    }
  }

  /** `null` when nothing tells. */
  of(id: Uint8Array): string | null {
    const pack = this.#packs[this.#slot(id, 0)] ?? FREE;
    return pack === FREE ? null : (this.#objects[pack] ?? null);
  }

  /** Whether it is lost, as far as it was tried; `false` for what nobody suspects, `null` when it is to be tried. */
  verdict(id: Uint8Array): boolean | null {
    const slot = this.#slot(id, 0);
    if (this.#packs[slot] === FREE) return false;
    const verdict = this.#verdicts[slot];
    return verdict === UNTRIED ? null : verdict === LOST;
  }

  note(id: Uint8Array, isLost: boolean): void {
    this.#verdicts[this.#slot(id, 0)] = isLost ? LOST : GIVEN;
  }

  #enter(ids: Uint8Array, at: number, pack: number): void {
    const slot = this.#slot(ids, at);
    const { high, low } = wordsAt(ids, at);
    this.#heads[slot * 2] = high;
    this.#heads[slot * 2 + 1] = low;
    this.#packs[slot] = pack;
  }

  /** Where a chunk is, or where there is room for it. */
  #slot(ids: Uint8Array, at: number): number {
    const { high, low } = wordsAt(ids, at);
    for (let slot = low & this.#mask; ; slot = (slot + 1) & this.#mask) {
      if (this.#packs[slot] === FREE) return slot;
      if (this.#heads[slot * 2] === high && this.#heads[slot * 2 + 1] === low) return slot;
    }
  }
}

function wordsAt(ids: Uint8Array, at: number): { readonly high: number; readonly low: number } {
  const view = new DataView(ids.buffer, ids.byteOffset + at, HEAD_BYTES);
  return { high: view.getUint32(0, true), low: view.getUint32(4, true) };
}
