import { HoldfastError, isHoldfastError, type Progress } from '@holdfast/api';
import type { Catalog, Lease } from '../../catalog/contract.ts';
import type { Timing } from '../deps.ts';

/** A lease that is being kept alive: always the newest state of it. */
export interface Kept {
  lease: Lease;
}

/** Why a run has to stop. */
export type StopReason = 'asked' | 'fenced';

/** Called with every beat, to take along what else is to be written down. */
export type OnBeat = () => Promise<void>;

/**
 * Keeps a run's claim alive, with all leases that hang on it, and listens for a wish to stop. The claim outlives the wish: cleaning up
 * needs it. It ends with `stop`.
 */
export class Heartbeat implements AsyncDisposable {
  readonly #catalog: Catalog;
  readonly #timing: Timing;
  readonly #now: () => number;
  readonly #onBeat: OnBeat;
  readonly #asked = new AbortController();
  readonly #fenced = new AbortController();
  readonly #others = new Set<Kept>();
  #lease: Lease;
  #progress: Progress | null = null;
  #timer: NodeJS.Timeout | null = null;
  #beating: Promise<void> = Promise.resolve();
  #othersAt: number;
  #isStopped = false;

  constructor(catalog: Catalog, lease: Lease, timing: Timing, now: () => number, onBeat: OnBeat) {
    this.#catalog = catalog;
    this.#lease = lease;
    this.#timing = timing;
    this.#now = now;
    this.#onBeat = onBeat;
    this.#othersAt = now();
    this.#schedule();
  }

  /** The claim as it stands now. */
  get lease(): Lease {
    return this.#lease;
  }

  /** Aborts when someone asked the run to stop. */
  get asked(): AbortSignal {
    return this.#asked.signal;
  }

  /** Aborts when another process has taken the run over: nothing may be done in its name any more. */
  get fenced(): AbortSignal {
    return this.#fenced.signal;
  }

  get stopReason(): StopReason | null {
    if (this.#fenced.signal.aborted) return 'fenced';
    return this.#asked.signal.aborted ? 'asked' : null;
  }

  /** What the next beat stores. */
  show(progress: Progress): void {
    this.#progress = progress;
  }

  /** Keeps another lease alive from now on, until it is let go. */
  keep(lease: Lease): Kept {
    const kept: Kept = { lease };
    this.#others.add(kept);
    return kept;
  }

  /** Lets another lease go and answers it as it stands now. */
  letGo(kept: Kept): Lease {
    this.#others.delete(kept);
    return kept.lease;
  }

  /** Makes sure, right now, that the claim still holds: before an act that cannot be taken back. Throws `FENCED`. */
  async confirm(): Promise<void> {
    await this.#beat();
    if (this.#fenced.signal.aborted) throw fencedError();
  }

  /** Ends the beating; the claim itself is given back by whoever ends the run. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#beating;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #schedule(): void {
    if (this.#isStopped || this.#fenced.signal.aborted) return;
    this.#timer = setTimeout(() => {
      void this.#beat().then(() => this.#schedule());
    }, this.#timing.beatMs);
  }

  /** Beats follow one another, so that an older answer never overwrites a newer one. */
  #beat(): Promise<void> {
    this.#beating = this.#beating.then(() => this.#beatOnce());
    return this.#beating;
  }

  async #beatOnce(): Promise<void> {
    if (this.#fenced.signal.aborted) return;
    try {
      const { lease, cancelAsked } = await this.#catalog.jobs.heartbeat(
        this.#lease,
        this.#timing.leaseMs,
        this.#progress,
      );
      this.#lease = lease;
      if (cancelAsked) this.#asked.abort();
      if (this.#now() - this.#othersAt >= this.#timing.leaseMs / 3) await this.#renewOthers();
      await this.#onBeat();
    } catch (problem) {
      // A catalog that is busy for a moment costs nothing as long as the claim has not run out meanwhile.
      if (isHoldfastError(problem, 'FENCED') || this.#now() >= this.#lease.expiresAt) this.#fenced.abort(problem);
    }
  }

  async #renewOthers(): Promise<void> {
    this.#othersAt = this.#now();
    for (const kept of this.#others) {
      try {
        kept.lease = await this.#catalog.leases.renew(kept.lease, this.#timing.leaseMs);
      } catch (problem) {
        // One that was given back while it was being renewed is nobody's loss.
        if (this.#others.has(kept)) throw problem;
      }
    }
  }
}

/** The error of a run that another process has taken over. */
export function fencedError(): HoldfastError {
  return new HoldfastError(
    'FENCED',
    'another process has taken this run over, because this one was silent for too long',
  );
}
