import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { type ResourceLimits, type TransferListItem, Worker } from 'node:worker_threads';
import { workerUrl } from './worker-url.ts';

/** What a worker is started with. */
export interface WorkerStart {
  /** Shown by debuggers and `worker.threadName`. */
  readonly name: string;
  /** What the worker finds in `workerData`. */
  readonly data?: unknown;
  readonly transfer?: readonly TransferListItem[];
  readonly limits?: ResourceLimits;
  /** Whether what it prints comes to `stdout` and `stderr` of the worker, and not to those of the process. Default is `false`. */
  readonly output?: boolean;
}

/**
 * Starts a worker thread from the module beside its caller, with the compile cache of this process: a worker does not inherit it, and
 * without it spends about 30 ms more on stripping types.
 * @param caller `import.meta.url` of the calling module.
 * @param relative Path without extension, for example `./lane-worker`.
 */
export function startWorker(caller: string, relative: string, start: WorkerStart): Worker {
  const cache = getCompileCacheDir();
  return new Worker(workerUrl(caller, relative), {
    name: start.name,
    workerData: start.data,
    stdout: start.output ?? false,
    stderr: start.output ?? false,
    // The cache's own folder is one of versions within the folder that is asked for.
    ...(cache === undefined ? {} : { env: { ...process.env, NODE_COMPILE_CACHE: dirname(cache) } }),
    ...(start.transfer === undefined ? {} : { transferList: [...start.transfer] }),
    ...(start.limits === undefined ? {} : { resourceLimits: start.limits }),
  });
}
