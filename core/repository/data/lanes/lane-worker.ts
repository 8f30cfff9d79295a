import { enableCompileCache } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadStart } from './protocol.ts';
import type { Port } from './wire.ts';

// The entry of a worker thread. What it does is loaded after this, so that the compile cache helps: a thread starts in half the time.
const start = workerData as ThreadStart;
if (start.compileCache !== null) enableCompileCache(start.compileCache);
if (parentPort === null) throw new Error('this module runs in a worker thread only');
const { serve } = await import('./lane.ts');
serve(parentPort as Port, start);
