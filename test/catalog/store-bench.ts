import type { ManualClock } from '../base/manual-clock.ts';

/** What a conformance suite works with: one store as two processes see it, under one clock. */
export interface StoreBench<S> extends AsyncDisposable {
  readonly store: S;
  /** The same store through another connection. */
  readonly peer: S;
  readonly clock: ManualClock;
}

/** Makes an empty store. */
export type MakeBench<S> = () => Promise<StoreBench<S>>;
