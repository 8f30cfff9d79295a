import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { commitName, forgottenName } from '../../../core/repository/documents/names.ts';
import { forgetPoints } from '../../../core/repository/points/forget-points.ts';
import { PointList } from '../../../core/repository/points/point-list.ts';
import { documentsOf, machine, putPoint, temporaryFolder } from '../paper.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();

const ids = (listing: { readonly points: readonly { readonly summary: { readonly point: string } }[] }): string[] =>
  listing.points.map(({ summary }) => summary.point).sort();

describe('the list of restore points', () => {
  test('holds what was committed, and nothing of what was not', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const documents = documentsOf(store, folder.path);
    const one = await putPoint(documents, 1);
    const two = await putPoint(documents, 2);
    const half = await putPoint(documents, 3);
    store.objects.delete(commitName(half.point));
    const fenced = { version: 1, lease: half.point, state: 'fenced', fencedAt: 9 };
    await documents.put(documents.seal(commitName(half.point), fenced), call);
    const listing = await new PointList(documents, 'here').list(call);
    expect(ids(listing)).toEqual([one.point, two.point].sort());
    expect(listing.broken).toEqual([]);
  });

  test('of thousands is read once from the store, then from memory, and by the next process from its cache', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const documents = documentsOf(store, folder.path);
    for (let at = 0; at < 2000; at++) await putPoint(documents, at);
    let gets = 0;
    store.before = (operation) => {
      if (operation === 'get') gets++;
    };
    const list = new PointList(documents, 'here');
    expect((await list.list(call)).points).toHaveLength(2000);
    expect(gets).toBe(4000);
    expect((await list.list(call)).points).toHaveLength(2000);
    const next = new PointList(documentsOf(store, folder.path), 'here');
    expect((await next.list(call)).points).toHaveLength(2000);
    expect(gets).toBe(4000);
  });

  test('never trusts a cached copy that was changed', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const one = await putPoint(documentsOf(store, folder.path), 1);
    await new PointList(documentsOf(store, folder.path), 'here').list(call);
    const files = await readdir(folder.path);
    expect(files).toHaveLength(1);
    for (const file of files) {
      const bytes = await readFile(join(folder.path, file));
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      await writeFile(join(folder.path, file), bytes);
    }
    const listing = await new PointList(documentsOf(store, folder.path), 'here').list(call);
    expect(ids(listing)).toEqual([one.point]);
  });

  test('names a restore point whose commit or manifest is damaged and shows all others', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const documents = documentsOf(store, folder.path);
    const [good, flipped, lost, swapped] = [
      await putPoint(documents, 1),
      await putPoint(documents, 2),
      await putPoint(documents, 3),
      await putPoint(documents, 4),
    ];
    const commit = store.objects.get(commitName(flipped.point));
    if (commit !== undefined) commit[40] = (commit[40] ?? 0) ^ 1;
    store.objects.delete(lost.manifest);
    const other = store.objects.get(good.manifest);
    if (other !== undefined) store.objects.set(swapped.manifest, other);
    const listing = await new PointList(documents, 'here').list(call);
    expect(ids(listing)).toEqual([good.point]);
    expect(listing.broken.map(({ point }) => point).sort()).toEqual(
      [flipped, lost, swapped].map((p) => p.point).sort(),
    );
    expect(listing.broken.every(({ failure }) => failure.code === 'REPOSITORY_DAMAGED')).toBe(true);
  });

  test('a store that fails is an error, not a short list', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const documents = documentsOf(store, folder.path);
    await putPoint(documents, 1);
    store.before = (operation) => {
      if (operation === 'get') throw new Error('no answer');
    };
    await expect(new PointList(documents, 'here').list(call)).rejects.toThrow('no answer');
  });
});

describe('forgetting restore points', () => {
  const setUp = async (store: MemoryStore, folder: string) => {
    const documents = documentsOf(store, folder);
    const points = new PointList(documents, 'here');
    const forget = (ids: readonly string[]) =>
      forgetPoints(ids, 'test', { documents, points, target: 'here' }, 5, call);
    return { documents, points, forget };
  };

  test('takes them off the list, for other processes too', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const { documents, points, forget } = await setUp(store, folder.path);
    const old = await putPoint(documents, 1);
    const fresh = await putPoint(documents, 2);
    await points.list(call);
    await forget([old.point]);
    expect(ids(await points.list(call))).toEqual([fresh.point]);
    expect(ids(await new PointList(documentsOf(store, folder.path), 'here').list(call))).toEqual([fresh.point]);
    await expect(points.find(old.point, call)).rejects.toMatchObject({ code: 'POINT_NOT_FOUND' });
    await expect(forget([old.point])).rejects.toMatchObject({ code: 'POINT_NOT_FOUND' });
  });

  test('is refused for the newest of each machine, and then forgets nothing at all', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const { documents, points, forget } = await setUp(store, folder.path);
    const old = await putPoint(documents, 1);
    const fresh = await putPoint(documents, 2);
    const only = await putPoint(documents, 0, { machine: machine('m2') });
    for (const newest of [fresh, only]) {
      await expect(forget([old.point, newest.point])).rejects.toMatchObject({ code: 'POINT_NEWEST' });
    }
    expect((await points.list(call)).points).toHaveLength(3);
    expect(store.names('forgotten/')).toEqual([]);
  });

  test('by a damaged or forged object hides nothing', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const { documents, points, forget } = await setUp(store, folder.path);
    const old = await putPoint(documents, 1);
    await putPoint(documents, 2);
    store.objects.set(forgottenName(old.point), Buffer.from('gone'));
    const said: string[] = [];
    const listing = await points.list(makeCall({ log: (_, text) => said.push(text) }));
    expect(listing.points).toHaveLength(2);
    expect(said.join()).toContain(old.point);
    await expect(forget([old.point])).rejects.toMatchObject({ code: 'REPOSITORY_DAMAGED' });
  });
});
