import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { getCompileCacheDir } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startWorker } from '../../core/base/start-worker.ts';

const run = promisify(execFile);

test('a worker beside its caller gets its data, and the compile cache of this process', async () => {
  // All tests have one: `compile-cache.ts`.
  const cache = getCompileCacheDir();
  expect(cache).toBeDefined();
  const worker = startWorker(import.meta.url, './echo-worker', { name: 'echo', data: { answer: 42 } });
  const [message] = await once(worker, 'message');
  await worker.terminate();
  expect(message).toEqual({ data: { answer: 42 }, cache: dirname(cache ?? '') });
});

test('a process without a compile cache gives none to its workers', async () => {
  const start = join(import.meta.dirname, '../../core/base/start-worker.ts');
  const code = `import(${JSON.stringify(start)}).then(({ startWorker }) => {
    const worker = startWorker(${JSON.stringify(import.meta.url)}, './echo-worker', { name: 'echo' });
    worker.once('message', ({ cache }) => console.log(JSON.stringify({ cache })));
  })`;
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const { stdout } = await run(process.execPath, ['-e', code], { env });
  expect(JSON.parse(stdout)).toEqual({ cache: null });
});
