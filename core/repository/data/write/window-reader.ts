import type { DiskReader } from '@holdfast/kit/disk/reader';
import { monotonicNs } from '../lanes/monotonic.ts';
import { CONTROL, SUMS } from '../lanes/protocol.ts';
import { keepPace } from './pace.ts';
import type { WindowMemory } from './window.ts';

/** How often who waits for a source looks whether everything was told to stop. */
const LOOK_MS = 50;

/** What reading is held to. */
export interface Reading {
  readonly blockBytes: number;
  /** Bytes per second; 0 for no limit. */
  readonly limit: number;
  readonly control: Int32Array;
  readonly sums: BigInt64Array;
}

/** Whether memory is filled; or when it will be. `false` when everything was told to stop first. */
export type Filling = boolean | Promise<boolean>;

/** Reads parts of a disk into the memory of windows, no faster than it may. */
export class WindowReader {
  readonly #disk: DiskReader;
  readonly #how: Reading;
  #isLate = false;

  constructor(disk: DiskReader, how: Reading) {
    this.#disk = disk;
    this.#how = how;
  }

  get sizeBytes(): number {
    return this.#disk.sizeBytes;
  }

  /** Whether the source answers later than at once, so that it pays to ask it ahead. */
  get isLate(): boolean {
    return this.#isLate;
  }

  /** Begins to fill memory from `at` with bytes from `offset` of the disk; the last block is filled up with zeros. */
  fill(memory: WindowMemory, offset: number, length: number, at: number): Filling {
    if (this.#how.limit <= 0) return this.#fill(memory, offset, length, at);
    const { limit, control, sums } = this.#how;
    return keepPace(length, limit, control, sums).then((mayRead) => mayRead && this.#fill(memory, offset, length, at));
  }

  /** Waits for what was begun. The time counts as the source's. */
  async wait(begun: Filling): Promise<boolean> {
    if (typeof begun === 'boolean') return begun;
    const began = monotonicNs();
    const { promise: stopped, resolve } = Promise.withResolvers<boolean>();
    const timer = setInterval(() => {
      if (Atomics.load(this.#how.control, CONTROL.stop) !== 0) resolve(false);
    }, LOOK_MS);
    try {
      return await Promise.race([begun, stopped]);
    } finally {
      clearInterval(timer);
      // Who only kept the pace did not wait for the source.
      if (this.#isLate) Atomics.add(this.#how.sums, SUMS.sourceNs, monotonicNs() - began);
    }
  }

  #fill(memory: WindowMemory, offset: number, length: number, at: number): Filling {
    const began = monotonicNs();
    const later = this.#disk.read(memory.bytes.subarray(at, at + length), offset);
    if (later === undefined) {
      Atomics.add(this.#how.sums, SUMS.sourceNs, monotonicNs() - began);
      return this.#filled(memory, length, at);
    }
    this.#isLate = true;
    return later.then(() => this.#filled(memory, length, at));
  }

  #filled(memory: WindowMemory, length: number, at: number): true {
    Atomics.add(this.#how.sums, SUMS.read, BigInt(length));
    memory.padTo(this.#how.blockBytes, at + length);
    return true;
  }
}
