import type { Progress } from '@holdfast/api';

/** Speed is told over the last moments, so that it follows what happens now. */
const windowMs = 8_000;

interface Sample {
  readonly at: number;
  readonly doneBytes: number;
}

/**
 * Adds up the progress of the moves of a step, so that the user sees one line that only grows: with what is done, what is to do, speed and
 * the time that is left.
 */
export class Meter {
  readonly #now: () => number;
  readonly #show: (progress: Progress) => void;
  /** What the step expects to move in all. */
  #declaredBytes = 0;
  /** What the data plane found that it need not look at: holes, unchanged parts. */
  #sparedBytes = 0;
  /** What moves that are over have looked at, and how large their disks were. */
  #endedBytes = 0;
  #endedSizeBytes = 0;
  #samples: Sample[] = [];

  constructor(now: () => number, show: (progress: Progress) => void) {
    this.#now = now;
    this.#show = show;
  }

  /** A step begins. */
  reset(): void {
    this.#declaredBytes = 0;
    this.#sparedBytes = 0;
    this.#endedBytes = 0;
    this.#endedSizeBytes = 0;
    this.#samples = [];
  }

  /** A step says something of its own. Its total, if it gives one, is taken for the sum of the disks that it will move. */
  declare(progress: Progress): void {
    if (progress.totalBytes !== undefined) this.#declaredBytes = progress.totalBytes;
    this.#show(progress);
  }

  /** Begins to move a disk of this size; the answer takes what the data plane reports. */
  begin(phase: string, sizeBytes: number): Move {
    let doneBytes = 0;
    let totalBytes = sizeBytes;
    const tell = (bottleneck: Progress['bottleneck']) => {
      const sizesBytes = Math.max(this.#declaredBytes, this.#endedSizeBytes + sizeBytes);
      const spared = this.#sparedBytes + sizeBytes - totalBytes;
      this.#tell(phase, this.#endedBytes + doneBytes, Math.max(0, sizesBytes - spared), bottleneck);
    };
    return {
      report: (progress) => {
        totalBytes = Math.min(sizeBytes, progress.totalBytes ?? totalBytes);
        doneBytes = Math.min(totalBytes, Math.max(doneBytes, progress.doneBytes ?? 0));
        tell(progress.bottleneck);
      },
      end: () => {
        doneBytes = totalBytes;
        tell(undefined);
        this.#sparedBytes += sizeBytes - totalBytes;
        this.#endedBytes += totalBytes;
        this.#endedSizeBytes += sizeBytes;
      },
    };
  }

  #tell(phase: string, doneBytes: number, totalBytes: number, bottleneck: Progress['bottleneck']): void {
    const bytesPerSecond = this.#speed(doneBytes);
    const leftBytes = totalBytes - doneBytes;
    this.#show({
      phase,
      doneBytes,
      totalBytes,
      ...(bytesPerSecond === null ? {} : { bytesPerSecond, etaMs: Math.ceil((leftBytes / bytesPerSecond) * 1_000) }),
      ...(bottleneck === undefined ? {} : { bottleneck }),
    });
  }

  #speed(doneBytes: number): number | null {
    const at = this.#now();
    this.#samples.push({ at, doneBytes });
    while ((this.#samples[1]?.at ?? at) <= at - windowMs) this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || at - first.at < 200 || doneBytes <= first.doneBytes) return null;
    return Math.round(((doneBytes - first.doneBytes) / (at - first.at)) * 1_000);
  }
}

/** A move that is being measured. */
export interface Move {
  report(progress: Progress): void;
  end(): void;
}
