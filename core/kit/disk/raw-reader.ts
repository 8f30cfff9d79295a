import type { Extent } from '@holdfast/api';
import { findData } from './holes.ts';
import type { ImageFile } from './image-file.ts';
import type { ImageReader } from './image-reader.ts';

/** A raw image: byte n of the file is byte n of the disk. */
export class RawReader implements ImageReader {
  readonly sizeBytes: number;
  readonly #file: ImageFile;

  constructor(file: ImageFile) {
    this.#file = file;
    this.sizeBytes = file.sizeBytes;
  }

  read(into: Uint8Array, offsetBytes: number): void {
    this.#file.read(into, offsetBytes);
    this.#file.assertUnchanged();
  }

  fill(into: Uint8Array, offsetBytes: number): void {
    this.#file.read(into, offsetBytes);
  }

  assertUnchanged(): void {
    this.#file.assertUnchanged();
  }

  async allocated(): Promise<readonly Extent[]> {
    const extents = await findData(this.#file);
    this.#file.assertUnchanged();
    return extents;
  }

  close(): void {
    this.#file.close();
  }
}
