import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';
import type { WorkerStart } from './worker-start.ts';

/** What the host sent along. The port is taken away from where the plugin could come upon it. */
function takeStart(): WorkerStart {
  const start = { ...(workerData as WorkerStart) };
  for (const key of Object.keys(workerData as object)) Reflect.deleteProperty(workerData as object, key);
  return start;
}

const start = takeStart();
// Before anything else is loaded: most of a worker's start is compiling what the host has compiled already.
if (start.compileCache !== null) enableCompileCache(start.compileCache);
const { runPlugin } = await import('./plugin-thread.ts');
await runPlugin(start);
