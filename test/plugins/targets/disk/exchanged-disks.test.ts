import { mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall, type ObjectStore } from '@holdfast/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDiskTarget } from '../../../../plugins/targets/disk/src/open.ts';

const call = makeCall();
const lost = { code: 'TARGET_UNREACHABLE' };

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-disks-'));
  path = join(folder, 'store');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = (create: boolean): Promise<ObjectStore> => openDiskTarget({ settings: { path, create } }, call);

async function names(store: ObjectStore): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of store.list('', call)) found.push(name);
  return found;
}

test('a disk that was taken out while another one was put in is not written to and not read as if it were the first', async () => {
  const store = await open(true);
  await store.put('packs/ab/one', Uint8Array.of(1), { ifAbsent: true }, call);
  await rename(path, join(folder, 'first'));
  await (await open(true)).put('packs/ab/other', Uint8Array.of(2), { ifAbsent: true }, call);
  const write = store.put('packs/ab/two', Uint8Array.of(3), { ifAbsent: true }, call);
  await expect(write).rejects.toMatchObject({ ...lost, message: expect.stringContaining('another target') as string });
  await expect(names(store)).rejects.toMatchObject(lost);
  await expect(store.get('packs/ab/one', null, call)[Symbol.asyncIterator]().next()).rejects.toMatchObject(lost);
  await expect(store.locate?.('packs/ab/one', call)).rejects.toMatchObject(lost);
  await expect(store.remove('packs/ab/other', call)).rejects.toMatchObject(lost);
  expect(await names(await open(false))).toEqual(['packs/ab/other']);
  await rename(path, join(folder, 'second'));
  await rename(join(folder, 'first'), path);
  await store.put('packs/ab/two', Uint8Array.of(3), { ifAbsent: true }, call);
  expect((await names(store)).sort()).toEqual(['packs/ab/one', 'packs/ab/two']);
});

test('a disk that goes away in the middle of a listing never leaves a short list that looks whole', async () => {
  const store = await open(true);
  for (const name of ['a/1', 'b/1', 'c/1', 'd/1']) await store.put(name, Uint8Array.of(1), { ifAbsent: true }, call);
  const listing = (async () => {
    let listed = 0;
    for await (const _ of store.list('', call)) {
      if (listed++ > 0) continue;
      await rename(path, join(folder, 'away'));
      await mkdir(path);
    }
    return listed;
  })();
  await expect(listing).rejects.toMatchObject(lost);
});

test('what a living process writes is not swept up, however old a clock that jumped makes it look', async () => {
  const store = await open(true);
  await store.put('a', Uint8Array.of(1), { ifAbsent: true }, call);
  const incoming = join(path, '@incoming');
  const seen = new Set<string>();
  const put = store.put('big', new Uint8Array(64 * 1024 * 1024), { ifAbsent: true }, call);
  while (seen.size === 0) for (const entry of await readdir(incoming)) seen.add(entry);
  const [own = ''] = seen;
  // The names of the same process, and of one that has died.
  const [host = '', pid = ''] = own.split('-');
  await put;
  const living = [host, pid, own.split('-')[2], 'f'.repeat(32)].join('-');
  const dead = [host, String(2 ** 22 + 1), '0'.repeat(8), 'f'.repeat(32)].join('-');
  const before = [host, pid, '0'.repeat(8), 'f'.repeat(32)].join('-');
  const yearsAgo = Date.now() / 1000 - 3 * 365 * 86_400;
  for (const name of [living, dead, before]) {
    await writeFile(join(incoming, `${name}.tmp`), 'x');
    await utimes(join(incoming, `${name}.tmp`), yearsAgo, yearsAgo);
  }
  await open(false);
  expect(await readdir(incoming)).toEqual([`${living}.tmp`]);
});
