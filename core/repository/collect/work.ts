import type { Call } from '@holdfast/api';
import type { DataPlane } from '../data-plane.ts';
import type { Documents } from '../documents/documents.ts';
import type { Lease, LeaseTerms } from '../leases/lease.ts';
import type { PointList } from '../points/point-list.ts';
import type { AwaitedLease, DecidedPack, PackFate } from './contract.ts';
import type { LeaseWatch } from './lease-watch.ts';
import type { WholeListing } from './read-points.ts';

/** What a collection needs of a repository. */
export interface CollectParts {
  readonly documents: Documents;
  readonly plane: DataPlane;
  readonly points: PointList;
  readonly terms: LeaseTerms;
}

/** A collection under way. */
export interface CollectWork extends CollectParts {
  readonly lease: Lease;
  readonly watch: LeaseWatch;
  readonly sums: CollectSums;
  readonly call: Call;
}

const MOST_DECIDED = 10_000;
const MOST_FORGOTTEN = 10_000;

/** What a collection has done so far. */
export class CollectSums {
  readonly #decided = new Map<string, DecidedPack>();
  readonly fenced = new Set<string>();
  readonly repacked = new Set<string>();
  awaited: readonly AwaitedLease[] = [];
  forgotten: readonly string[] = [];
  packs = 0;
  storedBytes = 0;
  movedBytes = 0;
  sweptObjects = 0;

  /** What becomes of a pack; what was said of it before does not count any more. */
  decide(object: string, sizeBytes: number, liveBytes: number, fate: PackFate): void {
    this.#decided.set(object, { object, sizeBytes, liveBytes, fate });
  }

  /** The pack as it was decided about, if it was. */
  decided(object: string): DecidedPack | undefined {
    return this.#decided.get(object);
  }

  list(): DecidedPack[] {
    return [...this.#decided.values()].sort((a, b) => b.sizeBytes - a.sizeBytes).slice(0, MOST_DECIDED);
  }

  /** Notes the restore points that were forgotten and whose commits are still there. */
  note({ forgotten, commits }: WholeListing): void {
    this.forgotten = [...forgotten.keys()].filter((point) => commits.has(point)).slice(0, MOST_FORGOTTEN);
  }

  /** Number and bytes of packs with one of these fates. */
  sum(...fates: readonly PackFate[]): { readonly packs: number; readonly bytes: number } {
    let packs = 0;
    let bytes = 0;
    for (const { fate, sizeBytes } of this.#decided.values()) {
      if (!fates.includes(fate)) continue;
      packs++;
      bytes += sizeBytes;
    }
    return { packs, bytes };
  }
}
