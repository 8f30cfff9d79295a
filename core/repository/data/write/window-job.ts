import type { Suite } from '../../suite.ts';
import type { Cutter } from '../cut/cutter.ts';
import type { IndexView } from '../index/index-view.ts';
import type { ChunkReader } from '../packs/chunk-reader.ts';
import type { PackFiller } from './pack-filler.ts';
import { type WindowList, WindowMemory } from './window.ts';
import type { Filling, WindowReader } from './window-reader.ts';

/** A window whose bytes are on their way, and what is to be done with them. */
export interface WindowJob {
  readonly unit: number;
  /** Whether the unit is complete with it. */
  readonly isLast: boolean;
  readonly reading: Filling;
  /** Packs that what is taken over lies in. */
  readonly needs: ReadonlySet<number>;
  /** Stores the window and lists it; `false` when everything was told to stop. */
  store(list: WindowList, needs: Set<number>): Promise<boolean>;
}

/** What windows are made into chunks with. */
export interface WindowParts {
  readonly suite: Suite;
  readonly cutter: Cutter;
  readonly memories: WindowMemories;
  readonly reader: WindowReader;
  readonly filler: PackFiller;
  readonly chunks: ChunkReader;
  readonly index: IndexView;
  readonly sums: BigInt64Array;
  /** The next unit; `undefined` when there is none, or no time for it. */
  readonly claim: () => number | undefined;
  readonly isStopped: () => boolean;
  /** Called after each piece, so that what comes in meanwhile is received. */
  readonly breathe: (bytes: number) => Promise<void> | undefined;
}

/** Memory for the window that is worked on and, from sources that answer later, for the one that is read ahead. */
export class WindowMemories {
  readonly #windowBytes: number;
  #current: WindowMemory | null = null;
  #other: WindowMemory | null = null;

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  /** @param isAhead Whether the memory that was answered last is still in use. */
  next(isAhead: boolean): WindowMemory {
    if (isAhead) [this.#current, this.#other] = [this.#other, this.#current];
    this.#current ??= new WindowMemory(this.#windowBytes);
    return this.#current;
  }
}
