import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withoutLeaks } from '../../core/base/leak-watch.ts';
import type { Catalog, CatalogOptions } from '../../core/catalog/contract.ts';
import { openCatalog } from '../../core/catalog/open.ts';
import { requireLocal } from '../../core/catalog/sqlite/catalog-file.ts';
import { requireSoundSqlite } from '../../core/catalog/sqlite/sound-sqlite.ts';
import { runToAdd } from './samples.ts';
import { temporaryFolder } from './sqlite-bench.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder.path, 'data', 'catalog.db');
});
afterEach(() => folder[Symbol.asyncDispose]());

const open_ = (more: Partial<CatalogOptions> = {}): Promise<Catalog> =>
  openCatalog({ file, thread: 'caller', ...more });

async function made(): Promise<void> {
  await using catalog = await open_();
  for (let n = 0; n < 200; n += 1) await catalog.jobs.add(runToAdd(`r${n}`));
}

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

/** Opening fails with this code, and not one byte of what is there has changed. */
async function refused(code: string): Promise<void> {
  const files = readdirSync(join(folder.path, 'data')).map((name) => join(folder.path, 'data', name));
  const before = await Promise.all(files.map((path) => readFile(path)));
  for (const thread of ['caller', 'own'] as const) {
    await expect(openCatalog({ file, thread })).rejects.toMatchObject({ name: 'HoldfastError', code });
    for (const [index, path] of files.entries())
      expect(before[index]?.equals(await readFile(path)), `${path} is as it was`).toBe(true);
  }
}

test('a new catalog can be read by nobody else, and neither can its log', async () => {
  await using catalog = await open_();
  await catalog.seenMachines('lab', []);
  expect(await modeOf(join(folder.path, 'data'))).toBe('700');
  for (const name of ['catalog.db', 'catalog.db-wal', 'catalog.db-shm'])
    expect(await modeOf(join(folder.path, 'data', name))).toBe('600');
});

test('a catalog that others could read is closed to them', async () => {
  await made();
  await chmod(file, 0o644);
  await using _catalog = await open_();
  expect(await modeOf(file)).toBe('600');
});

test('site and epoch are made once, and another catalog has others', async () => {
  await using one = await open_();
  await using again = await open_({ thread: 'own' });
  await using other = await open_({ file: join(folder.path, 'other.db') });
  expect(one.site).toMatch(/^[0-9a-f]{32}$/);
  expect(one.epoch).toMatch(/^[0-9a-f]{32}$/);
  expect([again.site, again.epoch]).toEqual([one.site, one.epoch]);
  expect(other.site).not.toBe(one.site);
  expect(other.epoch).not.toBe(one.epoch);
});

test('many that open a new catalog at once all get the same one', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => openCatalog({ file })));
  expect(new Set(all.map(({ site }) => site)).size).toBe(1);
  await Promise.all(all.map((catalog) => catalog.close()));
});

test('closing is complete, can be done twice, and leaves one file and no lifetime', async () => {
  await withoutLeaks(async () => {
    for (const thread of ['own', 'caller'] as const) {
      const catalog = await open_({ thread });
      const late = catalog.jobs.add(runToAdd(`r-${thread}`));
      await Promise.all([catalog.close(), catalog.close()]);
      expect((await late).id).toBe(`r-${thread}`);
      await expect(catalog.jobs.get('r1')).rejects.toThrow('after the catalog was closed');
    }
  });
  expect(readdirSync(join(folder.path, 'data'))).toEqual(['catalog.db']);
});

test('a catalog of a newer version is refused, and left as it is', async () => {
  await made();
  const newer = new DatabaseSync(file);
  newer.exec('pragma user_version = 99');
  newer.close();
  await refused('CATALOG_NEWER');
});

test('a file that is no database is refused, and left as it is', async () => {
  await mkdir(join(folder.path, 'data'));
  await writeFile(file, 'these are the notes of somebody else\n'.repeat(100));
  await refused('CATALOG_DAMAGED');
  await truncate(file, 10);
  await refused('CATALOG_DAMAGED');
});

test('a database of another program is refused, and left as it is', async () => {
  await mkdir(join(folder.path, 'data'));
  const foreign = new DatabaseSync(file);
  foreign.exec('create table bookmarks (url text)');
  foreign.close();
  await refused('CATALOG_DAMAGED');
});

test('a catalog that is gone or empty while its log is still there is refused, so that the log is not lost', async () => {
  const catalog = await open_();
  await catalog.jobs.add(runToAdd('r1'));
  const log = await readFile(`${file}-wal`);
  await catalog.close();
  await rm(file);
  await writeFile(`${file}-wal`, log);
  await refused('CATALOG_DAMAGED');
  expect(existsSync(file)).toBe(false);
  await writeFile(file, '');
  await refused('CATALOG_DAMAGED');
});

test('a catalog that lost its end is refused or says so, and is never written', async () => {
  await made();
  await truncate(file, 8_192);
  await refused('CATALOG_DAMAGED');
});

test('damage within is found by a check and never read as data', async () => {
  await made();
  const handle = await open(file, 'r+');
  const { size } = await handle.stat();
  for (let at = 4 * 4_096; at < size; at += 4_096) await handle.write(Buffer.alloc(4_096, 0xa5), 0, 4_096, at);
  await handle.close();
  const opened = await open_().catch((thrown: unknown) => thrown);
  if (opened instanceof Error) return expect(opened).toMatchObject({ code: 'CATALOG_DAMAGED' });
  await using catalog = opened as Catalog;
  await expect(catalog.jobs.list({})).rejects.toMatchObject({ code: 'CATALOG_DAMAGED' });
  expect(await catalog.check()).toMatchObject({ ok: false });
});

test('a sound catalog says so, with its schema and its size', async () => {
  await made();
  await using catalog = await open_({ thread: 'own' });
  const { size } = await stat(file);
  expect(await catalog.check()).toEqual({
    ok: true,
    detail: 'every page and every reference is sound',
    schema: 2,
    bytes: size,
  });
});

test('where no catalog can be, it says where and what to do', async () => {
  await mkdir(file, { recursive: true });
  for (const place of [file, '/dev/null/catalog.db'])
    await expect(openCatalog({ file: place })).rejects.toMatchObject({
      code: 'CATALOG_UNREADABLE',
      message: expect.stringContaining(place),
      remedy: expect.stringContaining('local disk'),
    });
});

test('another process that writes for too long is waited for, and then named as the cause', async () => {
  await made();
  const other = new DatabaseSync(file);
  other.exec('begin immediate');
  await using catalog = await open_({ busyTimeoutMs: 50 });
  expect(await catalog.jobs.get('r1')).toMatchObject({ id: 'r1' });
  await expect(catalog.jobs.add(runToAdd('late'))).rejects.toMatchObject({ code: 'CATALOG_BUSY' });
  other.exec('rollback');
  other.close();
  await catalog.jobs.add(runToAdd('late'));
});

test('an old SQLite and a network file system are refused', () => {
  for (const version of ['3.51.2', '3.50.9', '2.99.99', '3', '', 'newest'])
    expect(() => requireSoundSqlite(version), version).toThrow('SQLite');
  for (const version of ['3.51.3', '3.51.10', '3.52.0', '4.0.0']) requireSoundSqlite(version);
  for (const type of [0x6969, 0xff534d42, 0xfe534d42 | 0]) expect(() => requireLocal('/data', type)).toThrow('network');
  requireLocal('/data', 0xef53);
});

test('when the disk is full the call fails, what was there stays, and it goes on when there is room', async () => {
  const { openSession } = await import('../../core/catalog/sqlite/open-session.ts');
  const { Database } = await import('../../core/catalog/sqlite/database.ts');
  await made();
  openSession({ file, busyTimeoutMs: 0, now: Date.now }).close();
  using database = new Database(file, 0);
  database.exec(`pragma max_page_count = ${database.pragmaNumber('page_count')}`);
  const note = (line: number) => ({ run: 'r1', line, at: 1, level: 'info', text: 'x'.repeat(9_000) });
  const full = (): void =>
    database.write(() => void [1, 2, 3, 4].map((line) => database.run('insertLogLine', note(line))));
  expect(full).toThrow(expect.objectContaining({ code: 'DISK_SPACE' }));
  expect(database.all('logLinesOfRun', { run: 'r1', limit: 10 })).toEqual([]);
  database.exec('pragma max_page_count = 1000000');
  full();
  expect(database.all('logLinesOfRun', { run: 'r1', limit: 10 })).toHaveLength(4);
});
