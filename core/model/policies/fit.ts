/** Assumed until something was measured; the plan says so where it does. @see docs/decisions/policies.md */
export const guesses = {
  /** Bytes per second from an endpoint to a target, and back. */
  speed: 150e6,
  /** Snapshot, query of changes, commit and release: time of a run in which no byte moves, in milliseconds. */
  overheadMs: 3_000,
  /** From the end of a restore until the machine answers, in milliseconds. */
  bootMs: 120_000,
} as const;

/** Share of the room that may be planned full: what runs late must not push the next out. */
export const fullShare = 0.8;

/** What one machine asks of an occurrence. */
export interface Job {
  readonly name: string;
  /** How long it takes when nothing holds it up, in milliseconds. */
  readonly ms: number;
  /** Slots that it holds meanwhile. */
  readonly slots: readonly string[];
}

/** How an occurrence would go. */
export interface Fit {
  /** When the last job is done, in milliseconds after the first began. */
  readonly makespanMs: number;
  /** The slot whose jobs, one after the other on each of its places, take longest; `null` when there are no slots. */
  readonly critical: string | null;
  /** What each slot is busy with: the sum of its jobs through how many there are of it, in milliseconds. */
  readonly busyMs: ReadonlyMap<string, number>;
}

/**
 * Puts jobs on slots, the longest first, each as soon as one of every slot that it needs is free. (F4: list scheduling, at most 2 times the best.)
 * @param capacityOf How many of a slot there are.
 */
export function fitJobs(jobs: readonly Job[], capacityOf: (slot: string) => number): Fit {
  /** For each slot, when each of its places is free again. */
  const free = new Map<string, number[]>();
  const busyMs = new Map<string, number>();
  let makespanMs = 0;
  for (const job of jobs.toSorted((a, b) => b.ms - a.ms)) {
    const places = job.slots.map((slot) => placesOf(free, slot, capacityOf));
    const start = places.reduce((latest, heap) => Math.max(latest, heap[0] ?? 0), 0);
    const end = start + job.ms;
    for (const heap of places) replaceLeast(heap, end);
    for (const slot of job.slots) busyMs.set(slot, (busyMs.get(slot) ?? 0) + job.ms / Math.max(1, capacityOf(slot)));
    makespanMs = Math.max(makespanMs, end);
  }
  let critical: string | null = null;
  for (const [slot, ms] of busyMs) if (critical === null || ms > (busyMs.get(critical) ?? 0)) critical = slot;
  return { makespanMs, critical, busyMs };
}

function placesOf(free: Map<string, number[]>, slot: string, capacityOf: (slot: string) => number): number[] {
  let places = free.get(slot);
  if (places === undefined) {
    places = new Array<number>(Math.max(1, Math.min(10_000, Math.floor(capacityOf(slot))))).fill(0);
    free.set(slot, places);
  }
  return places;
}

/** Puts another value in the place of the least of a heap. */
function replaceLeast(heap: number[], value: number): void {
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const right = left + 1;
    const least = right < heap.length && (heap[right] ?? 0) < (heap[left] ?? 0) ? right : left;
    if (least >= heap.length || (heap[least] ?? 0) >= value) break;
    heap[at] = heap[least] ?? 0;
    at = least;
  }
  heap[at] = value;
}

/** What a machine's copies have to reckon with. */
export interface CopyFigures {
  /** Bytes that a full read takes. */
  readonly wholeBytes: number;
  /** Bytes that change in a millisecond. */
  readonly changePerMs: number;
  /** Whether only what changed is read; else all of it each time. */
  readonly isTracked: boolean;
  /** Bytes per millisecond on the way. */
  readonly speed: number;
  /** Time of a cycle in which no byte moves, in milliseconds. */
  readonly overheadMs: number;
}

/** Bytes that are read when the last time was so long ago: a block that changes twice is read once, so never more than all of it. */
export function readAfter({ wholeBytes, changePerMs, isTracked }: CopyFigures, gapMs: number): number {
  return isTracked ? Math.min(wholeBytes, changePerMs * gapMs) : wholeBytes;
}

/** F1: how long a cycle takes. */
export const transferMs = (figures: CopyFigures, gapMs: number): number =>
  figures.overheadMs + readAfter(figures, gapMs) / figures.speed;

/** F2: what is lost at worst, in milliseconds of work: the copy that is being made protects only up to its beginning. */
export const worstLossMs = (figures: CopyFigures, gapMs: number): number => gapMs + transferMs(figures, gapMs);

/**
 * F2: the longest time between two copies that keeps a recovery point objective, in milliseconds; `null` when none does. For what is
 * read in changes (RPO − o)/(1 + c/B), as long as that is less than the whole; else RPO − o − U/B.
 */
export function longestGapFor(figures: CopyFigures, rpoMs: number): number | null {
  const { wholeBytes, changePerMs, isTracked, speed, overheadMs } = figures;
  const ofChanges = (rpoMs - overheadMs) / (1 + changePerMs / speed);
  const ofWhole = rpoMs - overheadMs - wholeBytes / speed;
  // Reading all of it again caps what a long time between two can cost.
  const gap = isTracked ? Math.max(ofChanges, ofWhole) : ofWhole;
  return gap > 0 ? gap : null;
}

/**
 * F2: the smallest objective that copies of a machine can keep, however often they are made; `null` when changes come as fast as they can
 * be read. For changes 2o/(1 − c/B).
 */
export function smallestRpoMs({ wholeBytes, changePerMs, isTracked, speed, overheadMs }: CopyFigures): number | null {
  // Cycles follow each other without a pause: what one takes is the gap of the next.
  const ofWhole = 2 * (overheadMs + wholeBytes / speed);
  if (!isTracked) return ofWhole;
  if (changePerMs >= speed) return wholeBytes > 0 ? ofWhole : null;
  return Math.min(ofWhole, (2 * overheadMs) / (1 - changePerMs / speed));
}

/** F5: how long a restore of a machine takes: its bytes at the speed of the slowest part, and until it answers. */
export const restoreMs = (wholeBytes: number, speed: number): number => wholeBytes / speed + guesses.bootMs;
