import type { MoveResult } from '@holdfast/api';

/** How a restore point is copied into another repository. */
export interface CopyOptions {
  /** Most bytes a second that are read from the source and put into the destination, each; `null` is no limit, and the default. */
  readonly bytesPerSecond?: number | null;
}

/** Where a restore point was copied from; stands in its manifest. The identity of a copy is its own. */
export interface PointOrigin {
  readonly repository: string;
  readonly point: string;
}

/** Answer of a copy of one restore point. */
export interface CopyResult {
  /** The restore point in the destination. */
  readonly point: string;
  /** It was there already, as a copy of the same one: nothing was done. */
  readonly wasThere: boolean;
  /** `family`: chunks travel sealed anew without being decompressed; `unrelated`: they are hashed anew as well. */
  readonly relation: 'family' | 'unrelated';
  /** Sums over all disks. `duplicateBytes` is what the destination had. */
  readonly moved: MoveResult;
}

/** Answer of a rotation of the data keys. */
export interface KeyRotation {
  /** Number of the generation that new objects use from now on. */
  readonly generation: number;
}
