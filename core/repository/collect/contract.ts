import type { LeasePurpose } from '../leases/lease-document.ts';

/** How a repository is collected. */
export interface CollectOptions {
  /** Tells what would go, and changes nothing. */
  readonly dryRun?: boolean;
  /** Packs whose reachable bytes are less than this share of them are written anew, 0 to 1. Default is 0.5; 0 leaves them all. */
  readonly repackBelow?: number;
  /** Most bytes a second that are read and written for it; `null` is no limit, and the default. */
  readonly bytesPerSecond?: number | null;
  /**
   * How long writers and readers that began earlier are waited for, in milliseconds. Default is 0: what they may still need stays condemned,
   * and the next collection goes on from there.
   */
  readonly waitMs?: number;
  /** Hears what was decided, as a dry run would tell it, before anything is condemned or removed by this collection. Not called by a dry run. */
  readonly decided?: (plan: CollectReport) => void;
}

/** What becomes of a pack. */
export type PackFate =
  /** It was removed. */
  | 'swept'
  /** Nothing reachable is in it; it is removed as soon as nobody who began earlier is left. */
  | 'condemned'
  /** What is reachable in it was written into a new pack; then as `condemned`. */
  | 'repacked'
  /** It was condemned, and somebody came to need it. */
  | 'reprieved';

/** One pack that a collection decided about. */
export interface DecidedPack {
  readonly object: string;
  readonly sizeBytes: number;
  /** Bytes in it that restore points reach. */
  readonly liveBytes: number;
  readonly fate: PackFate;
}

/** A writer or reader that something condemned waits for. */
export interface AwaitedLease {
  readonly lease: string;
  readonly purpose: LeasePurpose;
  readonly host: string;
  readonly pid: number;
  /** Epoch milliseconds at which it was seen to be alive last, by this collector. */
  readonly aliveAt: number;
}

/** Answer of a collection. With `dryRun` it says what would be. */
export interface CollectReport {
  readonly isDryRun: boolean;
  readonly packs: number;
  readonly storedBytes: number;
  /** Packs that were decided about, most bytes first; at most 10,000. The sums below are of all. */
  readonly decided: readonly DecidedPack[];
  readonly sweptPacks: number;
  readonly sweptBytes: number;
  readonly condemnedPacks: number;
  readonly condemnedBytes: number;
  readonly repackedPacks: number;
  /** Reachable bytes that were written anew. */
  readonly movedBytes: number;
  /** Forgotten restore points of which the last traces go, at most 10,000. */
  readonly forgotten: readonly string[];
  /** Other objects that were removed: index runs, manifests of forgotten restore points, leases that are over. */
  readonly sweptObjects: number;
  /** Writers that can never commit any more, because they were silent for too long. */
  readonly fenced: readonly string[];
  readonly awaited: readonly AwaitedLease[];
  readonly durationMs: number;
}
