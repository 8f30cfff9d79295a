/** What an index run lists of a pack that is damaged, or that the store does not have. */
export interface SuspectPack {
  readonly object: string;
  readonly isGone: boolean;
  /** The index run that lists it. */
  readonly run: string;
  /** The first 8 bytes of the id of each of its chunks: ids are keyed hashes, so these are enough to find it by. */
  readonly heads: Uint8Array;
}
