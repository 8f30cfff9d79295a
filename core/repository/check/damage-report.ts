import { type HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Damage } from '../damage.ts';

/** A part of a restore point that is lost; disk `*` with length 0 is all of it. */
export type Concern = Damage['concerns'][number];

/** Ranges that are listed in all: a target that has lost millions of chunks is told of in a few megabytes. */
const MOST_CONCERNS = 20_000;

interface Entry {
  readonly kind: Damage['kind'];
  readonly detail: string;
  readonly concerns: Concern[];
  unlisted: number;
}

/** The whole of a restore point. */
export const wholePoint = (point: string): Concern => ({ point, disk: '*', offset: 0, length: 0 });

/** Gathers what is wrong, once for each object, with what it concerns. */
export class DamageReport {
  readonly #entries = new Map<string, Entry>();
  readonly #points = new Set<string>();
  #concerns = 0;

  has(object: string): boolean {
    return this.#entries.has(object);
  }

  /** The first thing found wrong with an object stands. */
  add(object: string, kind: Damage['kind'], detail: string): void {
    if (!this.#entries.has(object)) this.#entries.set(object, { kind, detail, concerns: [], unlisted: 0 });
  }

  /** Adds what an object that was added before concerns; neighbours on a disk become one. */
  concern(object: string, concern: Concern): void {
    const entry = this.#entries.get(object);
    if (entry === undefined) throw new Error(`nothing is known to be wrong with ${object}`);
    const last = entry.concerns.at(-1);
    const isNext =
      last?.point === concern.point && last.disk === concern.disk && last.offset + last.length === concern.offset;
    if (last !== undefined && isNext) {
      entry.concerns[entry.concerns.length - 1] = { ...last, length: last.length + concern.length };
    } else if (this.#concerns < MOST_CONCERNS || last === undefined || !this.#points.has(concern.point)) {
      entry.concerns.push(concern);
      this.#points.add(concern.point);
      this.#concerns++;
    } else entry.unlisted++;
  }

  /** By name of the object. */
  list(): Damage[] {
    return [...this.#entries]
      .map(([object, { kind, detail, concerns, unlisted }]) => {
        return { object, kind, detail, concerns, ...(unlisted > 0 ? { unlisted } : {}) };
      })
      .sort((a, b) => (a.object < b.object ? -1 : 1));
  }
}

/** What a failure to read an object says about it; `null` when it says nothing about the object. */
export function damageOf(
  failure: unknown,
): { readonly kind: 'missing' | 'damaged' | 'unknown'; readonly failure: HoldfastError } | null {
  if (isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return { kind: 'missing', failure };
  if (isHoldfastError(failure, 'REPOSITORY_NEWER')) return { kind: 'unknown', failure };
  if (isHoldfastError(failure, 'REPOSITORY_DAMAGED')) {
    // Of a generation whose key is not held: it may be whole.
    return { kind: failure.facts.generation === undefined ? 'damaged' : 'unknown', failure };
  }
  return null;
}
