import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { startThreadLane } from '../../../../core/repository/data/lanes/started-lane.ts';
import { Thread } from '../../../../core/repository/data/lanes/thread-pool.ts';
import { secrets, suite } from '../plane-lab.ts';

it('a thread that nobody needs any more comes to its end by itself and is not broken off', async () => {
  const lane = startThreadLane({ suite, secrets, level: 1 });
  const exited = once(lane.port as unknown as Worker, 'exit');
  const thread = new Thread(lane, {}, () => {});
  await thread.ask('cache.totals', { version: 0, files: [] });
  await thread.end();
  // One that was broken off ends with 1.
  expect(await exited).toEqual([0]);
  await expect(thread.ask('cache.totals', { version: 0, files: [] })).rejects.toMatchObject({ code: 'WORKER_LOST' });
});
