import { parentPort, workerData } from 'node:worker_threads';
import { cacheWork } from '../index/cache-work.ts';
import { readWork } from '../read/read-work.ts';
import { writeWork } from '../write/write-work.ts';
import type { ThreadStart } from './protocol.ts';
import { ThreadContext } from './thread-context.ts';
import { type Port, Wire } from './wire.ts';

// The entry of a worker thread: everything that it can be asked for.
if (parentPort === null) throw new Error('this module runs in a worker thread only');
const port: Port = parentPort;
const context = new ThreadContext(workerData as ThreadStart, () => wire);
const wire: Wire = new Wire(port, {
  ...writeWork(context, () => wire),
  ...readWork(context),
  ...cacheWork(context),
});
