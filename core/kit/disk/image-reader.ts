import type { DiskReader } from './reader.ts';

/** A reader of a local image: answers at once, and can lie below another one in a chain. */
export interface ImageReader extends DiskReader {
  read(into: Uint8Array, offsetBytes: number): void;
  /** As `read`, but leaves it to the caller to ask afterwards whether the file is unchanged. */
  fill(into: Uint8Array, offsetBytes: number): void;
  /** Throws `DISK_CHANGED` or `DISK_UNREADABLE` when a file is no longer what it was when it was opened. */
  assertUnchanged(): void;
  close(): void;
}
