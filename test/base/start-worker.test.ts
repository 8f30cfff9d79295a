import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { enableCompileCache, getCompileCacheDir } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { startWorker } from '../../core/base/start-worker.ts';

async function echo(): Promise<unknown> {
  const worker = startWorker(import.meta.url, './echo-worker', { name: 'echo', data: { answer: 42 } });
  const [message] = await once(worker, 'message');
  await worker.terminate();
  return message;
}

test('a worker beside its caller gets its data, and the compile cache once this process has one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-base-'));
  try {
    expect(await echo()).toEqual({ data: { answer: 42 }, cache: process.env.NODE_COMPILE_CACHE ?? null });
    enableCompileCache(folder);
    expect(await echo()).toEqual({ data: { answer: 42 }, cache: dirname(getCompileCacheDir() ?? '') });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
