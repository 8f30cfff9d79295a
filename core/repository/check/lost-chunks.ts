import { type Call, isHoldfastError } from '@holdfast/api';
import type { DataPlane, PackDamage } from '../data-plane.ts';
import { Culprits } from './culprits.ts';
import type { SuspectPack } from './suspect-pack.ts';

/** Whether a chunk can be had, and whose fault it is when not. */
export class LostChunks {
  readonly #plane: DataPlane;
  readonly #culprits: Culprits;

  constructor(plane: DataPlane, damaged: readonly PackDamage[], suspects: readonly SuspectPack[]) {
    this.#plane = plane;
    this.#culprits = new Culprits(damaged, suspects);
  }

  /** Whether no pack gives this chunk. One that a damaged pack has lost may lie in another one, so it is tried. */
  async isLost(id: Uint8Array, call: Call): Promise<boolean> {
    if (!(await this.#plane.has(id))) return true;
    const before = this.#culprits.verdict(id);
    if (before !== null) return before;
    const lost = (await this.get(id, call)) === null;
    this.#culprits.note(id, lost);
    return lost;
  }

  /** The chunk, or `null` when no pack gives it. */
  async get(id: Uint8Array, call: Call): Promise<Uint8Array | null> {
    try {
      return await this.#plane.chunk(id, call);
    } catch (failure) {
      if (isHoldfastError(failure, 'REPOSITORY_DAMAGED') || isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return null;
      throw failure;
    }
  }

  /** The pack that should have had it; `null` when nothing tells. */
  culprit(id: Uint8Array): string | null {
    return this.#culprits.of(id);
  }
}
