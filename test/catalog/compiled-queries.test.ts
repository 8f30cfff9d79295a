import { readFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { compileQueries } from '../../core/catalog/sqlite/compile-queries.ts';
import { compiledQueries } from '../../core/catalog/sqlite/compiled-queries.ts';
import { migrations } from '../../core/catalog/sqlite/schema/migrations.ts';

test('the compiled queries are those of queries/: else run `node core/catalog/sqlite/compile-queries.ts`', async () => {
  const committed = await readFile(new URL('../../core/catalog/sqlite/compiled-queries.ts', import.meta.url), 'utf8');
  expect(committed).toBe(compileQueries());
});

test('every query fits the tables, and none of those that are asked often reads a whole table', () => {
  using database = new DatabaseSync(':memory:');
  for (const { sql } of migrations) database.exec(sql);
  const scanning = Object.entries(compiledQueries).filter(([, sql]) =>
    database
      .prepare(`explain query plan ${sql}`)
      .all()
      .some(({ detail }) => /^SCAN \w+$/.test(String(detail))),
  );
  // Points are counted and listed whole when a person asks for all of them; the engine asks for those of one machine.
  // Alarms and notices of the past are listed for people, and old ones are dropped only when something changed.
  expect(scanning.map(([name]) => name)).toEqual([
    'alarmsSince',
    'countPoints',
    'dropOldAlarms',
    'dropOldNotices',
    'dropOldPolicySets',
    'newestNotices',
    'newestPolicySet',
    'newestPolicySets',
    'presentPoints',
    'schedules',
    'sumPoints',
  ]);
});
