import type { Extent, RepositorySource } from '@holdfast/api';

/** A disk that is read in the main thread, for the threads that cannot open it. */
export interface ServedDisk {
  readonly sizeBytes: number;
  /** Extents that may hold data, ascending and disjoint. */
  allocated(): Promise<readonly Extent[]>;
  /** Bytes from `offset`, in memory that may be handed on. Throws `REPOSITORY_DAMAGED`. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** What `writeDisk` reads a served disk by, until it is disposed of. */
export interface ServedSource extends Disposable {
  readonly source: RepositorySource;
}
