import type { DiskWriter } from '@holdfast/kit/disk/reader';

/** A range of a disk in memory: takes what falls into it. */
export class ClippedMemory implements DiskWriter {
  readonly bytes: Uint8Array;
  readonly sizeBytes = Number.MAX_SAFE_INTEGER;
  readonly #offset: number;

  constructor(offset: number, length: number) {
    this.bytes = new Uint8Array(length);
    this.#offset = offset;
  }

  write(bytes: Uint8Array, offset: number): void {
    const from = Math.max(0, this.#offset - offset);
    const to = Math.min(bytes.length, this.#offset + this.bytes.length - offset);
    if (from < to) this.bytes.set(bytes.subarray(from, to), offset + from - this.#offset);
  }

  sync(): void {}
  close(): void {}
}
