import { existsSync, readdirSync } from 'node:fs';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCatalog } from '../../../core/catalog/open.ts';
import { renewCatalog } from '../../../core/catalog/recover/renew.ts';
import { replaceCatalog, requireUnused } from '../../../core/catalog/recover/replace.ts';
import { stateOfCatalog } from '../../../core/catalog/recover/state.ts';
import { claimed, runToAdd } from '../samples.ts';
import { temporaryFolder } from '../sqlite-bench.ts';

test.each([
  ['a small', 0],
  ['a large', 8_000],
])(
  'a copy of %s catalog is that at one moment, whoever writes meanwhile, and only its owner can read it',
  async (_, lines) => {
    await using folder = await temporaryFolder();
    await using catalog = await openCatalog({ file: join(folder.path, 'catalog.db') });
    for (let n = 0; n < 50; n++) await catalog.jobs.add(runToAdd(`before${n}`));
    const text = 'x'.repeat(700);
    await catalog.jobs.log(
      'before0',
      Array.from({ length: lines }, (__, at) => ({ at, level: 'info', text })),
    );
    // Which of the two ways a copy is made depends on this.
    const { size } = await stat(join(folder.path, 'catalog.db'));
    expect(size > 4 * 1024 * 1024).toBe(lines > 0);
    let isOver = false;
    const writing = (async () => {
      for (let n = 0; !isOver; n++) await catalog.jobs.add(runToAdd(`meanwhile${n}`));
    })();
    const copy = join(folder.path, 'copy.db');
    const { schema, bytes } = await catalog.copyTo(copy);
    isOver = true;
    await writing;
    expect(schema).toBe((await catalog.check()).schema);
    expect((await readFile(copy)).length).toBe(bytes);
    expect(readdirSync(folder.path).filter((name) => name.startsWith('copy.db'))).toEqual(['copy.db']);
    await using opened = await openCatalog({ file: copy, thread: 'caller' });
    expect(opened.site).toBe(catalog.site);
    const runs = await opened.jobs.list({ limit: 10_000 });
    expect(runs.filter(({ id }) => id.startsWith('before'))).toHaveLength(50);
    await expect(catalog.copyTo(copy)).rejects.toThrow('EEXIST');
  },
);

test('a renewed catalog refuses what the old installation completes, and gives away no token twice', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  const copy = join(folder.path, 'copy.db');
  await using old = await openCatalog({ file, thread: 'caller' });
  await old.jobs.add(runToAdd('r1'));
  const claim = await claimed(old.jobs, 'old-host', 60_000, 'r1');
  const held = await old.leases.take('scheduler', 'old-host', 600_000);
  await old.copyTo(copy);
  const { epoch } = renewCatalog({ file: copy, site: old.site, rename: null });
  await using fresh = await openCatalog({ file: copy, thread: 'caller' });
  expect(fresh.site).toBe(old.site);
  expect(fresh.epoch).toBe(epoch);
  expect(fresh.epoch).not.toBe(old.epoch);
  await expect(fresh.jobs.finish(claim.lease, 'done', null, {})).rejects.toMatchObject({ code: 'FENCED' });
  expect((await fresh.jobs.orphans()).map(({ id }) => id)).toEqual(['r1']);
  const taken = await fresh.leases.take('scheduler', 'new-host', 600_000);
  expect(taken?.token).toBeGreaterThan(held?.token ?? Number.POSITIVE_INFINITY);
});

test('a copy that is damaged, of another installation, or newer never becomes the catalog', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  await using catalog = await openCatalog({ file, thread: 'caller' });
  for (let n = 0; n < 300; n++) await catalog.jobs.add(runToAdd(`r${n}`));
  const copy = join(folder.path, 'copy.db');
  await catalog.copyTo(copy);
  const good = await readFile(copy);
  const renewed = () => renewCatalog({ file: copy, site: catalog.site, rename: null });
  for (const spoilt of [
    good.subarray(0, good.length / 2),
    Buffer.from(good).fill(0xff, 8192, 12288),
    Buffer.from('x'),
  ]) {
    await writeFile(copy, spoilt);
    expect(renewed).toThrow(expect.objectContaining({ code: 'CATALOG_DAMAGED' }));
  }
  await writeFile(copy, good);
  expect(() => renewCatalog({ file: copy, site: 'f'.repeat(32), rename: null })).toThrow('another installation');
  const newer = Buffer.from(good);
  newer.writeUInt32BE(99, 60);
  await writeFile(copy, newer);
  expect(renewed).toThrow(expect.objectContaining({ code: 'CATALOG_NEWER' }));
});

test('a catalog that somebody has open is not exchanged, in this process or another', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  for (const thread of ['own', 'caller'] as const) {
    await using _open = await openCatalog({ file, thread });
    expect(() => requireUnused(file)).toThrow(expect.objectContaining({ code: 'CATALOG_BUSY' }));
  }
  requireUnused(file);
});

test('what is exchanged is kept with its log, and the new one takes its place', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  const fresh = join(folder.path, 'fresh.db');
  await writeFile(file, 'no database at all');
  await writeFile(`${file}-wal`, 'its log');
  await (await openCatalog({ file: fresh, thread: 'caller' })).close();
  const kept = replaceCatalog(file, fresh, '20261122');
  expect(await readFile(kept ?? '', 'utf8')).toBe('no database at all');
  expect(await readFile(`${kept}-wal`, 'utf8')).toBe('its log');
  expect(existsSync(fresh)).toBe(false);
  await using _catalog = await openCatalog({ file, thread: 'caller' });
});

test('what lies where a catalog belongs is told apart without changing it', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  expect(stateOfCatalog(file)).toEqual({ kind: 'none' });
  {
    await using catalog = await openCatalog({ file, thread: 'caller' });
    await catalog.jobs.add(runToAdd('r1'));
  }
  expect(stateOfCatalog(file)).toEqual({ kind: 'whole', runs: 1, points: 0, policies: 0 });
  const good = await readFile(file);
  await truncate(file, good.length - 4096);
  expect(stateOfCatalog(file)).toMatchObject({ kind: 'damaged' });
  expect((await readFile(file)).equals(good.subarray(0, -4096))).toBe(true);
  await writeFile(file, 'something else');
  expect(stateOfCatalog(file)).toMatchObject({ kind: 'damaged' });
  await writeFile(file, '');
  await writeFile(`${file}-wal`, 'a log alone');
  expect(stateOfCatalog(file)).toMatchObject({ kind: 'damaged' });
});
