import type { Call, MoveResult } from '@holdfast/api';
import { SUMS } from '../lanes/protocol.ts';

const INTERVAL_MS = 200;
/** Half-life of the speed that is shown, in intervals. */
const SMOOTH = 0.2;

export type Bottleneck = 'source' | 'proxy' | 'target';

/** What has been done so far, as sums that only grow. */
export interface Tally {
  readonly doneBytes: number;
  /** Nanoseconds that all threads together waited for the source and for the target. */
  readonly sourceNs: number;
  readonly targetNs: number;
}

/** Reports progress while work goes on, and finds out what holds it up. */
export class Meter implements Disposable {
  readonly #call: Call;
  readonly #phase: string;
  readonly #width: number;
  readonly #tally: () => Tally;
  readonly #began = performance.now();
  readonly #first: Tally;
  readonly #timer: NodeJS.Timeout;
  #last: Tally;
  #lastAt: number;
  #speed = 0;
  totalBytes: number;

  /** @param width Threads that work. */
  constructor(call: Call, phase: string, totalBytes: number, width: number, tally: () => Tally) {
    this.#call = call;
    this.#phase = phase;
    this.totalBytes = totalBytes;
    this.#width = width;
    this.#tally = tally;
    this.#first = tally();
    this.#last = this.#first;
    this.#lastAt = this.#began;
    this.#timer = setInterval(() => this.#report(), INTERVAL_MS);
    this.#timer.unref();
  }

  get durationMs(): number {
    return Math.round(performance.now() - this.#began);
  }

  /** What held the whole work up most. */
  get bottleneck(): Bottleneck {
    return nameBottleneck(this.#first, this.#tally(), performance.now() - this.#began, this.#width);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#report();
  }

  #report(): void {
    const now = performance.now();
    const tally = this.#tally();
    const elapsedMs = now - this.#lastAt;
    if (elapsedMs <= 0) return;
    const speed = ((tally.doneBytes - this.#last.doneBytes) * 1000) / elapsedMs;
    this.#speed = this.#speed === 0 ? speed : this.#speed * (1 - SMOOTH) + speed * SMOOTH;
    const doneBytes = tally.doneBytes - this.#first.doneBytes;
    const left = Math.max(0, this.totalBytes - doneBytes);
    this.#call.progress({
      phase: this.#phase,
      doneBytes,
      totalBytes: this.totalBytes,
      bytesPerSecond: Math.round(this.#speed),
      ...(this.#speed > 0 ? { etaMs: Math.round((left * 1000) / this.#speed) } : {}),
      bottleneck: nameBottleneck(this.#last, tally, elapsedMs, this.#width),
    });
    this.#last = tally;
    this.#lastAt = now;
  }
}

function nameBottleneck(from: Tally, to: Tally, elapsedMs: number, width: number): Bottleneck {
  const all = elapsedMs * width;
  const source = (to.sourceNs - from.sourceNs) / 1e6 / all;
  const target = (to.targetNs - from.targetNs) / 1e6 / all;
  const proxy = 1 - source - target;
  if (proxy >= source && proxy >= target) return 'proxy';
  return source >= target ? 'source' : 'target';
}

/** The sums of a writer, as numbers. */
export function readSums(sums: BigInt64Array): {
  readonly readBytes: number;
  readonly zeroBytes: number;
  readonly duplicateBytes: number;
  readonly newBytes: number;
  readonly storedBytes: number;
  readonly sourceNs: number;
  readonly targetNs: number;
} {
  const sum = (at: number): number => Number(Atomics.load(sums, at));
  return {
    readBytes: sum(SUMS.read),
    zeroBytes: sum(SUMS.zero),
    duplicateBytes: sum(SUMS.duplicate),
    newBytes: sum(SUMS.fresh),
    storedBytes: sum(SUMS.stored),
    sourceNs: sum(SUMS.sourceNs),
    targetNs: sum(SUMS.targetNs),
  };
}

/** What has been moved between two moments. */
export function moved(
  before: ReturnType<typeof readSums>,
  after: ReturnType<typeof readSums>,
  meter: Pick<Meter, 'durationMs' | 'bottleneck'>,
): MoveResult {
  return {
    readBytes: after.readBytes - before.readBytes,
    zeroBytes: after.zeroBytes - before.zeroBytes,
    duplicateBytes: after.duplicateBytes - before.duplicateBytes,
    newBytes: after.newBytes - before.newBytes,
    storedBytes: after.storedBytes - before.storedBytes,
    durationMs: meter.durationMs,
    bottleneck: meter.bottleneck,
  };
}
