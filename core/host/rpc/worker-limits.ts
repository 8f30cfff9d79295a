/** How a plugin in a worker is watched over. */
export interface WorkerLimits {
  readonly activationMs: number;
  readonly stopMs: number;
  readonly pingEveryMs: number;
  readonly pingMisses: number;
  /** JavaScript heap, in megabytes. */
  readonly heapMb: number;
  /** Heap and buffers together, in bytes. */
  readonly memoryBytes: number;
  /** Crashes within five minutes after which it is left in peace. */
  readonly crashes: number;
}

export const defaultWorkerLimits: WorkerLimits = {
  activationMs: 10_000,
  stopMs: 10_000,
  pingEveryMs: 1000,
  pingMisses: 3,
  heapMb: 512,
  memoryBytes: 1024 * 1024 * 1024,
  crashes: 3,
};
