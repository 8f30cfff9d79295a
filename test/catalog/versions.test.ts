import { readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { openCatalog } from '../../core/catalog/open.ts';
import { type OpenedSession, openSession } from '../../core/catalog/sqlite/open-session.ts';
import { type Migration, migrations, newestSchema } from '../../core/catalog/sqlite/schema/migrations.ts';
import { machine, runToAdd } from './samples.ts';
import { temporaryFolder } from './sqlite-bench.ts';

const versions = new URL('./versions/', import.meta.url);
const now = 1_700_000_002_000;

/** A catalog as an earlier release left it. */
async function leftBy(version: number, file: string): Promise<void> {
  using database = new DatabaseSync(file);
  database.exec('pragma journal_mode = wal');
  database.exec(await readFile(new URL(`${version}.sql`, versions), 'utf8'));
}

const schemaOf = (file: string): unknown => {
  using database = new DatabaseSync(file);
  return database.prepare('pragma user_version').get()?.user_version;
};

test('migrations are numbered from 1 without a gap, and a catalog of each version is kept', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  expect(readdirSync(versions).sort()).toEqual(migrations.map(({ version }) => `${version}.sql`).sort());
});

test.for(migrations.map(({ version }) => version))(
  'the migrations up to %d make the tables of the catalog of that version',
  async (version) => {
    await using folder = await temporaryFolder();
    const tablesOf = (file: string) => {
      using database = new DatabaseSync(file);
      return database.prepare('select type, name, lower(sql) as sql from sqlite_master order by name').all();
    };
    const [made, kept] = [join(folder.path, 'made.db'), join(folder.path, 'kept.db')];
    openSession({ file: made, busyTimeoutMs: 0, now: () => now, migrations: migrations.slice(0, version) }).close();
    await leftBy(version, kept);
    expect(tablesOf(kept)).toEqual(tablesOf(made));
  },
);

describe.for(migrations.map(({ version }) => version))('a catalog of version %d', (version) => {
  test('is brought to this version with everything that it knew', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'catalog.db');
    await leftBy(version, file);
    await using catalog = await openCatalog({ file, now: () => now });
    expect(await catalog.check()).toMatchObject({ ok: true, schema: newestSchema(migrations) });
    expect([catalog.site, catalog.epoch]).toEqual([
      '4679533726273f14d007970262a0b45c',
      '7cd2c50c0bd9795ef4ba717c21e6a104',
    ]);

    expect(await catalog.machines({})).toEqual([
      { endpoint: 'lab', machine: machine('m-2', 'half \ud800 a name'), seenAt: now - 2_000, goneAt: now - 1_000 },
      { endpoint: 'lab', machine: machine('m-1', 'erp-db'), seenAt: now - 1_000, goneAt: null },
    ]);
    const { jobs, leases } = catalog;
    expect((await jobs.list({})).map(({ id, state, attempts }) => [id, state, attempts])).toEqual([
      ['run-waiting', 'waiting', 0],
      ['run-open', 'running', 1],
      ['run-done', 'partial', 1],
    ]);
    expect(await jobs.get('run-done')).toMatchObject({
      ...runToAdd('run-done', { createdAt: 1 }),
      error: { code: 'TARGET_IO', message: 'read failed', remedy: null },
      result: { disks: { vda: { readBytes: 7 } } },
    });
    expect((await jobs.steps('run-done'))[0]?.checkpoint).toStrictEqual({
      at: 42,
      seen: new Uint8Array([0, 255]),
      none: undefined,
    });
    expect(await jobs.reasons('run-done')).toHaveLength(1);
    expect((await jobs.logLines('run-done', 9)).map(({ text }) => text)).toEqual(['started', '\u001b[2J and \0']);
    const [intent] = await jobs.openIntents();
    expect(intent).toMatchObject({ run: 'run-open', state: { of: 'm-2', made: ['snap-7'] } });
    expect((await catalog.points({})).map(({ point }) => point)).toEqual(['a'.repeat(32)]);
    expect(await catalog.copies('b'.repeat(32))).toMatchObject([{ state: 'forgotten' }]);

    // Leases of before the update still hold, and tokens go on from there.
    const { epoch } = catalog;
    const held = { name: 'run:run-open', holder: 'host-2', epoch, token: 2, expiresAt: now + 59_000 };
    expect(await leases.peek('run:run-open')).toEqual(held);
    await jobs.settleIntent(held, intent?.id ?? '');
    expect((await leases.slots()).map(({ token }) => token)).toEqual([4]);
    expect((await leases.take('scheduler', 'host-1', 1_000))?.token).toBe(5);
  });
});

test('policies, schedules and the runs of policies of a catalog of version 2 are there, and its sets are numbered on', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  await leftBy(2, file);
  await using catalog = await openCatalog({ file, now: () => now });
  const applied = { source: '/etc/holdfast/policies.yaml', who: 'ann', at: 1_699_995_000_000 };
  const text = '# half of it\npolicies: {gold: {}}\n';
  expect(await catalog.policies.applied()).toEqual({ id: 3, text, ...applied });
  expect(await catalog.policies.history()).toHaveLength(2);
  expect(await catalog.policies.apply(3, { text, ...applied })).toMatchObject({ id: 4 });
  const due = 1_699_999_200_000;
  expect(await catalog.policies.schedules()).toEqual([
    {
      policy: 'gold',
      workflow: 'backup',
      handledUntil: due,
      lastDue: due,
      lastFiredAt: due + 5_000,
      lastWasCatchUp: true,
      missed: 3,
    },
    {
      policy: 'gold',
      workflow: 'monthly',
      handledUntil: due,
      lastDue: null,
      lastFiredAt: null,
      lastWasCatchUp: false,
      missed: 0,
    },
  ]);
  const policy = { policy: 'gold', workflow: 'backup', due };
  expect(await catalog.policies.waiting(now, 9)).toMatchObject([
    { id: 'run-waiting', policy, notBefore: due + 60_000 },
  ]);
});

test('a catalog of before policies has none, and its runs belong to none', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'catalog.db');
  await leftBy(1, file);
  await using catalog = await openCatalog({ file, now: () => now });
  expect(await catalog.policies.applied()).toBeNull();
  expect(await catalog.policies.waiting(now, 9)).toEqual([]);
  expect(await catalog.jobs.get('run-waiting')).toMatchObject({ policy: null, notBefore: 0 });
});

/** A step that a later release could bring. */
const next: Migration = {
  version: newestSchema(migrations) + 1,
  sql: `alter table runs add column note text;
    update runs set note = 'moved ' || id;
    create table copies_2 (point text not null, target text not null, state text not null, stored_bytes integer not null,
      seen_at integer not null, locked_until integer, primary key (point, target)) strict;
    insert into copies_2 select point, target, state, stored_bytes, seen_at, null from copies;
    drop table copies;
    alter table copies_2 rename to copies;`,
};

const openAt = (file: string, steps: readonly Migration[]): OpenedSession =>
  openSession({ file, busyTimeoutMs: 5_000, now: () => now, migrations: steps });

const notesOf = (file: string): unknown => {
  using database = new DatabaseSync(file);
  return database.prepare('select id, note from runs order by id').all();
};

describe('a further migration', () => {
  test('changes the catalog in one piece, and keeps a copy of how it was that others cannot read', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, "ann's catalog.db");
    await leftBy(1, file);
    openAt(file, [...migrations, next]).close();
    expect(schemaOf(file)).toBe(next.version);
    expect(notesOf(file)).toEqual(['run-done', 'run-open', 'run-waiting'].map((id) => ({ id, note: `moved ${id}` })));
    const copy = `${file}.schema-1`;
    expect(schemaOf(copy)).toBe(1);
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    await using before = await openCatalog({ file: copy, now: () => now });
    expect(await before.jobs.list({})).toHaveLength(3);
    expect(await before.check()).toMatchObject({ ok: true });
  });

  test('that fails in the middle changes nothing', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'catalog.db');
    await leftBy(1, file);
    const broken = { ...next, sql: `${next.sql} insert into copies select * from nowhere;` };
    expect(() => openAt(file, [...migrations, broken])).toThrow('nowhere');
    const orphaning = { ...next, sql: `${next.sql} drop table runs;` };
    expect(() => openAt(file, [...migrations, orphaning])).toThrow();
    expect(schemaOf(file)).toBe(1);
    await using catalog = await openCatalog({ file, now: () => now });
    expect(await catalog.jobs.list({})).toHaveLength(3);
    openAt(file, [...migrations, next]).close();
    expect(schemaOf(file)).toBe(next.version);
  });

  test('is refused by a release that does not know it', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'catalog.db');
    openAt(file, [...migrations, next]).close();
    await expect(openCatalog({ file })).rejects.toMatchObject({
      code: 'CATALOG_NEWER',
      facts: { schema: next.version },
    });
  });

  test('that removes what other rows belong to is taken back', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'catalog.db');
    await leftBy(1, file);
    const losing = { ...next, sql: "delete from runs where id = 'run-open'" };
    expect(() => openAt(file, [...migrations, losing])).toThrow(expect.objectContaining({ code: 'CATALOG_DAMAGED' }));
    expect(schemaOf(file)).toBe(1);
  });
});
