import type { Extent } from '@holdfast/api';

/** Random access to the bytes of a virtual disk. Each worker opens its own. */
export interface DiskReader {
  readonly sizeBytes: number;
  /**
   * Fills `into` with the bytes from `offsetBytes`. Answers at once where the source can (a local file), else later.
   * @throws `DISK_UNREADABLE`, `DISK_CHANGED`, `DISK_INVALID`; never gives fewer bytes than asked for.
   */
  read(into: Uint8Array, offsetBytes: number): Promise<void> | void;
  /** Extents that may hold data, ascending and disjoint, in units of bytes; what is left out reads as zeros. */
  allocated(): Promise<readonly Extent[]>;
  close(): Promise<void> | void;
}

/** Random access for writing to a disk that holds zeros. */
export interface DiskWriter {
  readonly sizeBytes: number;
  write(bytes: Uint8Array, offsetBytes: number): Promise<void> | void;
  /** Resolves when all that was written survives a power cut. A failure is final: it is not tried again. */
  sync(): Promise<void> | void;
  close(): Promise<void> | void;
}
