import { type MessagePort, workerData } from 'node:worker_threads';
import { cacheWork } from '../index/cache-work.ts';
import { scanWork } from '../packs/scan-work.ts';
import { readWork } from '../read/read-work.ts';
import { writeWork } from '../write/write-work.ts';
import type { ThreadStart } from './protocol.ts';
import { ThreadContext } from './thread-context.ts';
import { type Port, Wire } from './wire.ts';

/** Serves whatever the main thread asks this thread for. */
export function serve(port: MessagePort): void {
  const context = new ThreadContext(workerData as ThreadStart, () => wire);
  const wire: Wire = new Wire(port as Port, {
    ...writeWork(context, () => wire),
    ...readWork(context),
    ...cacheWork(context),
    ...scanWork(context),
  });
}
