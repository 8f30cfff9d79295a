/** What has landed and waits to be deduplicated. */
export interface LandedState {
  readonly packs: number;
  readonly bytes: number;
  /** When the oldest of it landed, epoch milliseconds; `null` when there is nothing. */
  readonly oldestAt: number | null;
}

/** How what has landed is deduplicated. */
export interface DeduplicateOptions {
  /** Tells what waits, and changes nothing. */
  readonly dryRun?: boolean;
  /** Most bytes a second that are read; `null` is no limit, and the default. */
  readonly bytesPerSecond?: number | null;
  /** Asked now and then: whether its time is over. What is done by then counts, and the next pass goes on from there. */
  readonly isOver?: () => boolean;
}

/** Answer of a deduplication pass. With `dryRun` it says what waits. */
export interface DeduplicateReport {
  readonly isDryRun: boolean;
  /** What waited before. */
  readonly waited: LandedState;
  /** Packs that are needed no more; the next collection removes them. */
  readonly condemnedPacks: number;
  readonly condemnedBytes: number;
  /** Chunks that were written anew, and their bytes before and after. */
  readonly moved: number;
  readonly movedBytes: number;
  readonly storedBytes: number;
  /** Packs that did not give all that is needed in them, or are still being written: they stay. */
  readonly leftPacks: number;
  /** Why packs were left that could have been done: its time was over, or there was no room on the target. */
  readonly stoppedBy: 'time' | 'room' | null;
  readonly durationMs: number;
}
