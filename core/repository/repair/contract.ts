import type { Damage } from '../damage.ts';

/** What a repair does about one object. Nothing else is ever done; what cannot be mended is told by `Damage.concerns`. */
export interface RepairAct {
  readonly object: string;
  readonly act: /** An index run is made anew from its packs. */
    | 'rebuild'
    /** What is whole in a damaged pack is written into a new pack, and the damaged one condemned: chunks lost in it are read from their source by the next run. */
    | 'salvage'
    /** A stale index run, an empty or foreign leftover of a copy that was broken off, a lease that cannot be read: removed. */
    | 'remove'
    /** Nothing can be done here: put back a copy, or forget the restore points concerned. */
    | 'none';
  /** What it comes to, in words for people, and what to do where `act` is `none`. */
  readonly detail: string;
}

/** What a repair would do, from what a check found. */
export interface RepairPlan {
  readonly damage: readonly Damage[];
  readonly acts: readonly RepairAct[];
}

/** Answer of a repair. */
export interface RepairReport {
  readonly plan: RepairPlan;
  /** Acts that were done, in order. */
  readonly done: readonly RepairAct[];
  /** Chunks that are lost to every pack, and bytes of disks that were told to be lost. */
  readonly lostChunks: number;
  readonly durationMs: number;
}
