import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ObjectStore } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDiskTarget } from '../../../../plugins/targets/disk/src/open.ts';

const call = makeCall();
const bytes = (text: string) => new TextEncoder().encode(text);

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-disk-'));
  path = join(folder, 'store');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const openNew = (): Promise<ObjectStore> => openDiskTarget({ settings: { path, create: true } }, call);
const openKnown = (): Promise<ObjectStore> => openDiskTarget({ settings: { path, create: false } }, call);

async function read(store: ObjectStore, name: string, range: { offset: number; length: number } | null = null) {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.get(name, range, call)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function names(store: ObjectStore, prefix = ''): Promise<string[]> {
  const found: string[] = [];
  for await (const object of store.list(prefix, call)) found.push(object.name);
  return found.sort();
}

describe('objects', () => {
  test('an object comes back as it was put, whole and by range', async () => {
    const store = await openNew();
    const body = randomBytes(9_000_000);
    expect(await store.put('packs/ab/one', body, { ifAbsent: true }, call)).toEqual({ sizeBytes: body.length });
    expect((await read(store, 'packs/ab/one')).equals(body)).toBe(true);
    const part = await read(store, 'packs/ab/one', { offset: 4_194_000, length: 5_000 });
    expect(part.equals(body.subarray(4_194_000, 4_199_000))).toBe(true);
    expect((await read(store, 'packs/ab/one', { offset: 8_999_999, length: 50 })).length).toBe(1);
    expect((await read(store, 'packs/ab/one', { offset: 10_000_000, length: 50 })).length).toBe(0);
  });

  test('an empty object is an object', async () => {
    const store = await openNew();
    await store.put('empty', new Uint8Array(), { ifAbsent: true }, call);
    expect((await read(store, 'empty')).length).toBe(0);
    expect(await names(store)).toEqual(['empty']);
  });

  test('what is put if absent never replaces anything', async () => {
    const store = await openNew();
    await store.put('commits/a', bytes('first'), { ifAbsent: true }, call);
    await expect(store.put('commits/a', bytes('second'), { ifAbsent: true }, call)).rejects.toMatchObject({
      code: 'OBJECT_EXISTS',
    });
    expect((await read(store, 'commits/a')).toString()).toBe('first');
  });

  test('of two writers of one name through two openings exactly one wins, a hundred times', async () => {
    const [left, right] = [await openNew(), await openKnown()];
    for (let round = 0; round < 100; round += 1) {
      const tries = [left, right].map((store, who) =>
        store.put(`commits/${round}`, Uint8Array.of(who), { ifAbsent: true }, call),
      );
      const outcomes = await Promise.allSettled(tries);
      const winner = outcomes.findIndex((outcome) => outcome.status === 'fulfilled');
      expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
      expect([...(await read(left, `commits/${round}`))]).toEqual([winner]);
    }
  });

  test('an object that is missing is said to be missing', async () => {
    const store = await openNew();
    await expect(read(store, 'packs/ab/none')).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    await expect(store.locate?.('packs/ab/none', call)).rejects.toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  });

  test('removing twice is as good as removing once', async () => {
    const store = await openNew();
    await store.put('a/b', bytes('x'), {}, call);
    await store.remove('a/b', call);
    await store.remove('a/b', call);
    await store.remove('never/was', call);
    expect(await names(store)).toEqual([]);
  });

  test('a listing takes a prefix that ends within a name', async () => {
    const store = await openNew();
    for (const name of ['packs/ab/1', 'packs/ac/2', 'packs/b/3', 'format.json', 'pack']) {
      await store.put(name, bytes(name), {}, call);
    }
    expect(await names(store)).toEqual(['format.json', 'pack', 'packs/ab/1', 'packs/ac/2', 'packs/b/3']);
    expect(await names(store, 'packs/a')).toEqual(['packs/ab/1', 'packs/ac/2']);
    expect(await names(store, 'packs/ab/')).toEqual(['packs/ab/1']);
    expect(await names(store, 'pack')).toEqual(['pack', 'packs/ab/1', 'packs/ac/2', 'packs/b/3']);
    expect(await names(store, 'zzz/')).toEqual([]);
  });

  test('names that would lead out of the folder, or that are not plain, are refused', async () => {
    const store = await openNew();
    const evil = [
      '',
      '/',
      '/etc/passwd',
      '../up',
      'a/../../b',
      'a//b',
      'a/',
      '.',
      '..',
      'A',
      'a b',
      'a\0b',
      'ä',
      '@target.json',
    ];
    const tooMuch = ['x'.repeat(101), Array.from({ length: 9 }, () => 'a').join('/')];
    for (const name of [...evil, ...tooMuch]) {
      await expect(store.put(name, bytes('x'), {}, call)).rejects.toMatchObject({ code: 'NAME_INVALID' });
      await expect(read(store, name)).rejects.toMatchObject({ code: 'NAME_INVALID' });
      await expect(store.remove(name, call)).rejects.toMatchObject({ code: 'NAME_INVALID' });
    }
    await expect(names(store, '../')).rejects.toMatchObject({ code: 'NAME_INVALID' });
    expect(await readdir(folder)).toEqual(['store']);
  });

  test('a name is an object or a folder of objects, never both', async () => {
    const store = await openNew();
    await store.put('a', bytes('x'), { ifAbsent: true }, call);
    await expect(store.put('a/b', bytes('x'), { ifAbsent: true }, call)).rejects.toMatchObject({
      code: 'NAME_INVALID',
    });
    await store.put('c/d', bytes('x'), { ifAbsent: true }, call);
    await expect(store.put('c', bytes('x'), { ifAbsent: true }, call)).rejects.toMatchObject({ code: 'NAME_INVALID' });
    expect(await names(store)).toEqual(['a', 'c/d']);
    expect(await readdir(join(path, '@incoming'))).toEqual([]);
  });

  test('a lock is refused, because a folder has none', async () => {
    const store = await openNew();
    await expect(store.put('a', bytes('x'), { lockUntil: 1 }, call)).rejects.toMatchObject({
      code: 'LOCK_UNAVAILABLE',
    });
  });

  test('a cancelled put leaves nothing', async () => {
    const store = await openNew();
    const stop = new AbortController();
    const put = store.put('big', new Uint8Array(64_000_000), { ifAbsent: true }, makeCall({ signal: stop.signal }));
    setImmediate(() => stop.abort());
    await expect(put).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await names(store)).toEqual([]);
    expect(await readdir(join(path, '@incoming'))).toEqual([]);
  });
});

describe('the folder', () => {
  test('files and folders are for their owner only', async () => {
    const store = await openNew();
    await store.put('packs/ab/one', bytes('x'), { ifAbsent: true }, call);
    const modes = ['', 'packs', 'packs/ab', '@incoming', 'packs/ab/one', '@target.json'];
    const found = await Promise.all(
      modes.map(async (name) => ((await stat(join(path, name))).mode & 0o777).toString(8)),
    );
    expect(found).toEqual(['700', '700', '700', '700', '600', '600']);
  });

  test('a folder that was not made a target is not written to, there or not', async () => {
    await expect(openKnown()).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
    await mkdir(path);
    await expect(openKnown()).rejects.toMatchObject({ code: 'TARGET_UNREACHABLE' });
    expect(await readdir(path)).toEqual([]);
  });

  test('a folder with other files in it is not taken for a target', async () => {
    await mkdir(path);
    await writeFile(join(path, 'holiday.jpg'), 'x');
    await expect(openNew()).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(await readdir(path)).toEqual(['holiday.jpg']);
  });

  test('a disk that is unmounted under an open target is reported and the empty folder below it is not filled', async () => {
    const store = await openNew();
    await store.put('packs/ab/one', bytes('x'), { ifAbsent: true }, call);
    await rename(path, join(folder, 'away'));
    await mkdir(path);
    const lost = { code: 'TARGET_UNREACHABLE' };
    await expect(store.put('packs/ab/two', bytes('y'), { ifAbsent: true }, call)).rejects.toMatchObject(lost);
    await expect(store.put('format.json', bytes('y'), {}, call)).rejects.toMatchObject(lost);
    await expect(read(store, 'packs/ab/one')).rejects.toMatchObject(lost);
    await expect(names(store)).rejects.toMatchObject(lost);
    await expect(store.remove('packs/ab/one', call)).rejects.toMatchObject(lost);
    await expect(store.locate?.('packs/ab/one', call)).rejects.toMatchObject(lost);
    expect(await readdir(path)).toEqual([]);
    await rm(path, { recursive: true });
    await rename(join(folder, 'away'), path);
    await store.put('packs/ab/two', bytes('y'), { ifAbsent: true }, call);
    expect(await names(store)).toEqual(['packs/ab/one', 'packs/ab/two']);
  });

  test('unfinished objects of dead writers go after a day, those of living ones stay', async () => {
    await openNew();
    const [old, young] = [join(path, '@incoming', 'old.tmp'), join(path, '@incoming', 'young.tmp')];
    await writeFile(old, 'x');
    await writeFile(young, 'x');
    const yesterday = Date.now() / 1000 - 25 * 3600;
    await utimes(old, yesterday, yesterday);
    const store = await openKnown();
    expect(await readdir(join(path, '@incoming'))).toEqual(['young.tmp']);
    expect(await names(store)).toEqual([]);
  });

  test('symbolic links inside the store are not followed', async () => {
    const store = await openNew();
    await store.put('packs/real', bytes('x'), {}, call);
    await writeFile(join(folder, 'secret'), 'outside');
    await symlink(join(folder, 'secret'), join(path, 'packs', 'link'));
    await symlink(folder, join(path, 'out'));
    await expect(read(store, 'packs/link')).rejects.toMatchObject({ code: 'TARGET_IO' });
    await expect(read(store, 'out/secret')).rejects.toMatchObject({ code: 'TARGET_IO' });
    await expect(store.put('out/new', bytes('x'), { ifAbsent: true }, call)).rejects.toMatchObject({
      code: 'TARGET_IO',
    });
    expect(await names(store)).toEqual(['packs/real']);
    expect((await readdir(folder)).sort()).toEqual(['secret', 'store']);
  });

  test.skipIf(process.getuid?.() === 0)('a target that may not be written says so and can still be read', async () => {
    const store = await openNew();
    await store.put('a', bytes('x'), {}, call);
    await chmod(join(path, '@incoming'), 0o500);
    await expect(store.put('b', bytes('x'), {}, call)).rejects.toMatchObject({ code: 'TARGET_READ_ONLY' });
    expect((await read(await openKnown(), 'a')).toString()).toBe('x');
    await chmod(join(path, '@incoming'), 0o700);
  });
});

describe('what a store can do is tried', () => {
  test('a folder with hard links keeps writers apart on any host, and the trial leaves nothing behind', async () => {
    const store = await openNew();
    const facts = await store.probe(call);
    expect(facts).toMatchObject({ conditionalPut: true, lockUntil: false, rangedGet: true, consistentList: true });
    expect(facts.freeBytes).toBeGreaterThan(0);
    expect(facts.items.filter((item) => item.state !== 'ok' && item.title !== 'has room')).toEqual([]);
    expect((await readdir(path)).sort()).toEqual(['@incoming', '@reserve', '@target.json']);
    expect(await readdir(join(path, '@incoming'))).toEqual([]);
  });

  test('without hard links the store is for one host, says so, and still lets exactly one writer win', async () => {
    const link = () => Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' }));
    const store = await openDiskTarget({ settings: { path, create: true } }, call, { link });
    const other = await openDiskTarget({ settings: { path } }, call, { link });
    const tries = Array.from({ length: 20 }, (_, who) =>
      (who % 2 === 0 ? store : other).put('commits/a', Uint8Array.of(who), { ifAbsent: true }, call),
    );
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    const facts = await store.probe(call);
    expect(facts.conditionalPut).toBe(false);
    expect(facts.items[0]).toMatchObject({ state: 'warning' });
    expect(await readdir(join(path, '@incoming'))).toEqual([]);
  });

  test('a claim of a process that died does not hold anybody up', async () => {
    const link = () => Promise.reject(Object.assign(new Error('no links here'), { code: 'ENOTSUP' }));
    const store = await openDiskTarget({ settings: { path, create: true } }, call, { link });
    const { createHash } = await import('node:crypto');
    const { hostname } = await import('node:os');
    const claim = `${createHash('sha256').update('a').digest('hex').slice(0, 32)}.claim`;
    await writeFile(join(path, '@incoming', claim), JSON.stringify({ host: hostname(), pid: 2 ** 22 + 1, nonce: 'x' }));
    await store.put('a', bytes('x'), { ifAbsent: true }, call);
    expect(await names(store)).toEqual(['a']);
  });
});
