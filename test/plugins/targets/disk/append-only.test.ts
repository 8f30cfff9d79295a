import { chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall, type ObjectStore } from '@holdfast/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDiskTarget } from '../../../../plugins/targets/disk/src/open.ts';

const call = makeCall();
let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-append-'));
  path = join(folder, 'store');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (more: Readonly<Record<string, boolean>> = {}): Promise<ObjectStore> =>
  openDiskTarget({ settings: { path, ...more } }, call);
const body = (text: string) => new TextEncoder().encode(text);
const modeOf = async (name: string) => ((await stat(join(path, name))).mode & 0o7777).toString(8);

test('a target that may only be added to refuses to remove and to replace, and goes on adding', async () => {
  await (await open({ create: true })).put('commits/a', body('first'), { ifAbsent: true }, call);
  const store = await open({ appendOnly: true });
  await expect(store.remove('commits/a', call)).rejects.toMatchObject({ code: 'TARGET_READ_ONLY' });
  await expect(store.put('commits/a', body('second'), {}, call)).rejects.toMatchObject({ code: 'TARGET_READ_ONLY' });
  await store.remove('commits/none', call);
  await store.put('commits/b', body('b'), {}, call);
  await store.put('commits/c', body('c'), { ifAbsent: true }, call);
  const names: string[] = [];
  for await (const { name } of store.list('', call)) names.push(name);
  expect(names.sort()).toEqual(['commits/a', 'commits/b', 'commits/c']);
});

test('a target that was only told to be append-only fails its check: the user owns what it should not remove', async () => {
  await (await open({ create: true })).put('commits/a', body('a'), { ifAbsent: true }, call);
  const { items } = await (await open({ appendOnly: true })).probe(call);
  expect(items.find(({ title }) => title.startsWith('refuses to remove'))).toMatchObject({ state: 'failed' });
});

test('what is made in a shared folder has the rights of that folder, whatever the mask of the process', async () => {
  await mkdir(path);
  await chmod(path, 0o1770);
  const before = process.umask(0o077);
  try {
    const store = await open({ create: true });
    await store.put('packs/ab/one', body('one'), { ifAbsent: true }, call);
    await open();
  } finally {
    process.umask(before);
  }
  const names = ['@incoming', 'packs', 'packs/ab', 'packs/ab/one'];
  expect(await Promise.all(names.map(modeOf))).toEqual(['1770', '1770', '1770', '640']);
  // The keeper opened it: a canary in every folder, and none among the objects.
  expect(
    await Promise.all(['@canary', 'packs/@canary'].map(async (name) => (await stat(join(path, name))).size)),
  ).toEqual([115, 115]);
  const listed: string[] = [];
  for await (const { name } of (await open()).list('', call)) listed.push(name);
  expect(listed).toEqual(['packs/ab/one']);
});

test('the reserve is no object, may be removed, and comes back at the next opening', async () => {
  await open({ create: true });
  const { size } = await stat(join(path, '@reserve'));
  expect(size).toBeGreaterThanOrEqual(64 * 1024);
  expect(size).toBeLessThanOrEqual(1024 * 1024);
  await rm(join(path, '@reserve'));
  await open();
  expect((await stat(join(path, '@reserve'))).size).toBe(size);
  await writeFile(join(path, '@reserve'), '');
  await open({ appendOnly: true });
  expect((await stat(join(path, '@reserve'))).size).toBe(0);
});
