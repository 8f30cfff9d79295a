import type { DiskReader } from '@holdfast/kit/disk/reader';
import { monotonicNs } from '../lanes/monotonic.ts';
import { SUMS } from '../lanes/protocol.ts';
import { keepPace } from './pace.ts';
import { WindowMemory } from './window.ts';

/** Reads parts of a disk into the memory of one window, no faster than it may. */
export class WindowReader {
  readonly memory: WindowMemory;
  readonly #blockBytes: number;
  readonly #control: Int32Array;
  readonly #sums: BigInt64Array;

  constructor(windowBytes: number, blockBytes: number, control: Int32Array, sums: BigInt64Array) {
    this.memory = new WindowMemory(windowBytes);
    this.#blockBytes = blockBytes;
    this.#control = control;
    this.#sums = sums;
  }

  /**
   * Fills memory from `at` with bytes from `offset` of the disk; the last block is filled up with zeros.
   * @param limit Bytes per second; 0 for no limit.
   * @returns `false` when everything was told to stop first.
   */
  async read(reader: DiskReader, offset: number, length: number, at: number, limit: number): Promise<boolean> {
    if (limit > 0 && !(await keepPace(length, limit, this.#control, this.#sums))) return false;
    const began = monotonicNs();
    const later = reader.read(this.memory.bytes.subarray(at, at + length), offset);
    if (later !== undefined) await later;
    Atomics.add(this.#sums, SUMS.sourceNs, monotonicNs() - began);
    Atomics.add(this.#sums, SUMS.read, BigInt(length));
    this.memory.padTo(this.#blockBytes, at + length);
    return true;
  }
}
