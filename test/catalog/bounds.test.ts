import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openCatalog } from '../../core/catalog/open.ts';
import { runToAdd } from './samples.ts';
import { temporaryFolder } from './sqlite-bench.ts';

const line = (text: string) => ({ at: 1, level: 'info', text }) as const;

test('what is no longer kept of a log is gone from the file, and other runs lose nothing by it', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  await using catalog = await openCatalog({ file, thread: 'caller' });
  for (const id of ['chatty', 'quiet']) await catalog.jobs.add(runToAdd(id));
  await catalog.jobs.log('quiet', [line('all is well')]);
  const lines = Array.from({ length: 7_000 }, (_, n) => line(String(n)));
  for (let n = 0; n < 3; n += 1) await catalog.jobs.log('chatty', lines);
  using database = new DatabaseSync(file);
  expect(database.prepare('select run, count(*) as lines from log_lines group by run order by run').all()).toEqual([
    { run: 'chatty', lines: 10_000 },
    { run: 'quiet', lines: 1 },
  ]);
});

test('a line that is too long is cut, and says so', async () => {
  await using folder = await temporaryFolder();
  await using catalog = await openCatalog({ file: join(folder.path, 'catalog.db'), thread: 'caller' });
  await catalog.jobs.add(runToAdd('r1'));
  const long = 'x'.repeat(1_000_000);
  await catalog.jobs.log('r1', [line(long)]);
  await catalog.jobs.because('r1', { decision: long, because: long });
  const texts = [
    ...(await catalog.jobs.logLines('r1', 1)).map(({ text }) => text),
    ...(await catalog.jobs.reasons('r1')).flatMap(({ decision, because }) => [decision, because]),
  ];
  expect(texts.map((text) => [text.length, text.endsWith('…')])).toEqual([1, 2, 3].map(() => [32_768, true]));
});

test('a listing is never longer than 10,000 runs, whatever was asked for', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  await using catalog = await openCatalog({ file, thread: 'caller' });
  await catalog.jobs.add(runToAdd('r0'));
  using database = new DatabaseSync(file);
  database.exec(`with recursive n (i) as (select 1 union all select i + 1 from n where i < 10100)
    insert into runs (id, kind, endpoint, machine, machine_name, state, steps, input, who, created_at, result)
    select 'r' || i, 'protect', 'lab', 'm-1', 'erp', 'done', '[]', '{}', 'test', i, 'null' from n`);
  expect(await catalog.jobs.list({})).toHaveLength(1_000);
  expect(await catalog.jobs.list({ limit: 1e9 })).toHaveLength(10_000);
  expect(await catalog.jobs.list({ limit: 1e9, states: ['done', 'waiting'] })).toHaveLength(10_000);
  expect(await catalog.jobs.list({ limit: -1, machine: 'm-1' })).toEqual([]);
});
