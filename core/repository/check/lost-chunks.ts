import { type Call, isHoldfastError } from '@holdfast/api';
import type { DataPlane, PackDamage } from '../data-plane.ts';
import type { SuspectPack } from './check-index.ts';

/** Whether a chunk can be had, and whose fault it is when not. */
export class LostChunks {
  readonly #plane: DataPlane;
  readonly #culprits = new Map<string, string>();
  readonly #tried = new Map<string, boolean>();

  constructor(plane: DataPlane, damaged: readonly PackDamage[], suspects: readonly SuspectPack[]) {
    this.#plane = plane;
    for (const { object, chunks } of suspects) {
      for (const id of chunks) this.#culprits.set(id, object);
    }
    for (const { object, lost } of damaged) {
      for (const id of lost) this.#culprits.set(hex(id), object);
    }
  }

  /** Whether no pack gives this chunk. One that a damaged pack has lost may lie in another one, so it is tried. */
  async isLost(id: Uint8Array, call: Call): Promise<boolean> {
    if (!(await this.#plane.has(id))) return true;
    const key = hex(id);
    if (!this.#culprits.has(key)) return false;
    const before = this.#tried.get(key);
    if (before !== undefined) return before;
    const lost = (await this.get(id, call)) === null;
    this.#tried.set(key, lost);
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
    return this.#culprits.get(hex(id)) ?? null;
  }
}

const hex = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex');
