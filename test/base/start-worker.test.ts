import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { startWorker } from '../../core/base/start-worker.ts';

test('a worker beside its caller gets its data, and the compile cache of this process', async () => {
  // All tests have one: `compile-cache.ts`.
  const cache = getCompileCacheDir();
  expect(cache).toBeDefined();
  const worker = startWorker(import.meta.url, './echo-worker', { name: 'echo', data: { answer: 42 } });
  const [message] = await once(worker, 'message');
  await worker.terminate();
  expect(message).toEqual({ data: { answer: 42 }, cache: dirname(cache ?? '') });
});
