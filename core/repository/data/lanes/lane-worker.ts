import { parentPort, workerData } from 'node:worker_threads';
import { serve } from './lane.ts';
import type { ThreadStart } from './protocol.ts';
import type { Port } from './wire.ts';

// The entry of a worker thread. It ends by itself once nobody speaks to it any more and what it does is done.
if (parentPort === null) throw new Error('this module runs in a worker thread only');
const port = parentPort;
serve(port as Port, workerData as ThreadStart, () => port.close());
