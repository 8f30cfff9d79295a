/** What a manifest says of the contents of a disk; see docs/formats/repository.md §8. */
export interface DiskContents {
  readonly sizeBytes: number;
  readonly segmentBytes: number;
  readonly map: readonly string[];
  readonly chunks: number;
  readonly dataBytes: number;
  readonly root: string;
}

/** One piece of a disk: bytes from `offset` of the disk are the chunk. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
  readonly id: Uint8Array;
}
