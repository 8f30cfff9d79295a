import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { openCatalog } from '../../core/catalog/open.ts';
import { runToAdd } from './samples.ts';
import { temporaryFolder } from './sqlite-bench.ts';

test('when the database thread dies, whoever waits is told, and whoever comes later', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  const started = once(process, 'worker') as Promise<[Worker]>;
  const catalog = await openCatalog({ file, busyTimeoutMs: 300 });
  const [worker] = await started;
  await catalog.jobs.add(runToAdd('r1'));
  const lost = { code: 'WORKER_LOST', name: 'HoldfastError' };
  using other = new DatabaseSync(file);
  other.exec('begin immediate');
  const waiting = expect(catalog.jobs.add(runToAdd('r2'))).rejects.toMatchObject(lost);
  await worker.terminate();
  await waiting;
  other.exec('rollback');
  await expect(catalog.jobs.get('r1')).rejects.toMatchObject(lost);
  await catalog.close();
  await using again = await openCatalog({ file, thread: 'caller' });
  expect(await again.jobs.get('r1')).toMatchObject({ id: 'r1' });
});

test('a failure on the database thread keeps its code, remedy, facts and cause', async () => {
  await using folder = await temporaryFolder();
  const failures = await Promise.all(
    (['own', 'caller'] as const).map((thread) =>
      openCatalog({ file: '/dev/null/x', thread }).catch((thrown) => thrown),
    ),
  );
  await using catalog = await openCatalog({ file: join(folder.path, 'catalog.db') });
  const missing = await catalog.jobs.retry('nobody').catch((thrown: unknown) => thrown);
  expect(failures[0]).toMatchObject({ code: 'CATALOG_UNREADABLE', facts: { file: '/dev/null/x' } });
  expect(String(failures[0].cause)).toBe(String(new Error(failures[1].cause.message)));
  expect([failures[0].message, failures[0].remedy]).toEqual([failures[1].message, failures[1].remedy]);
  expect(missing).toMatchObject({ code: 'RUN_NOT_FOUND', facts: { run: 'nobody' } });
});
