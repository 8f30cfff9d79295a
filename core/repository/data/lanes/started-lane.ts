import { startWorker } from '../../../base/start-worker.ts';
import { END_LANE, type ThreadStart } from './protocol.ts';
import type { Port } from './wire.ts';

/** A lane that has been started, as whoever started it sees it. */
export interface StartedLane {
  readonly port: Port;
  /** Keeps the process alive, until `unref`. */
  ref(): void;
  unref(): void;
  /** Tells when it has ended, and of what. */
  onEnd(listener: (cause: unknown) => void): void;
  /** Ends it, whatever it does. */
  end(): Promise<void>;
}

export type StartLane = (start: ThreadStart) => StartedLane;

/**
 * Megabytes for what lives shortly. What ciphers give lies outside of the heap and goes with the small objects that hold it: the more
 * seldom these are collected, the more of it piles up.
 */
const YOUNG_MB = 1;

/**
 * How long a thread may take to come to its end by itself, in milliseconds. Node sometimes dies of breaking off one that is compiling; and
 * the process waits so long for one that hangs in a device.
 */
const PATIENCE_MS = 1_000;

/** Starts a lane in a thread of its own. */
export const startThreadLane: StartLane = (start) => {
  const worker = startWorker(import.meta.url, './lane-worker', {
    name: 'lane',
    data: start,
    limits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  let cause: unknown;
  worker.on('error', (thrown) => {
    cause = thrown;
  });
  const ended = new Promise<void>((resolve) => {
    worker.on('exit', () => resolve());
  });
  return {
    port: worker as unknown as Port,
    ref: () => worker.ref(),
    unref: () => worker.unref(),
    onEnd: (listener) => void worker.on('exit', () => listener(cause)),
    async end() {
      worker.ref();
      worker.postMessage({ kind: 'tell', what: END_LANE, argument: null });
      const patience = setTimeout(() => void worker.terminate(), PATIENCE_MS);
      await ended;
      clearTimeout(patience);
    },
  };
};
