import { makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import type { CheckReport } from '../../../core/repository/contract.ts';
import { restoreDisk } from '../lab.ts';
import { concernedPoints, openWholeLab, restoreAll, type WholeLab } from './whole-lab.ts';

const call = makeCall();

/** Breaks a whole repository, checks it, and sees that everything else still restores. */
async function broken(
  breakIt: (whole: WholeLab) => void | Promise<void>,
  look: (report: CheckReport, whole: WholeLab) => void | Promise<void>,
  tier: 'fast' | 'full' = 'fast',
): Promise<void> {
  await using whole = await openWholeLab();
  await breakIt(whole);
  const repository = await whole.open();
  const report = await repository.check(tier, call);
  await look(report, whole);
  await restoreAll(whole, repository, concernedPoints(report));
}

function exchange({ store }: WholeLab, one: string, two: string): void {
  const [first, second] = [store.objects.get(one), store.objects.get(two)];
  if (first === undefined || second === undefined) throw new Error(`${one} or ${two} is not there`);
  store.objects.set(one, second);
  store.objects.set(two, first);
}

/** The pack that was put first: it has the beginning of the first restore point's disk. */
const firstPack = ({ store }: WholeLab): string =>
  [...store.objects.keys()].find((name) => name.startsWith('packs/')) ?? '';

const named = (report: CheckReport): string[] => report.damage.map(({ object }) => object);

const pairOf = ({ store }: WholeLab, prefix: string): [string, string] => {
  const [one = '', two = ''] = store.names(prefix);
  return [one, two];
};

describe('check', () => {
  test.each(['fast', 'full'] as const)('finds nothing wrong with a whole repository: %s', async (tier) => {
    await using whole = await openWholeLab();
    const repository = await whole.open();
    const report = await repository.check(tier, call);
    expect(report).toMatchObject({ tier, points: 3, damage: [] });
    expect(report.packs).toBe(whole.store.names('packs/').length);
    expect(report.packs).toBeGreaterThan(3);
    expect(report.chunks).toBe((await repository.stats(call)).chunks);
  });

  test.each(['manifests/', 'commits/', 'packs/', 'leases/', 'index/', 'keys/'])(
    'names both of two objects that were exchanged under %s',
    async (prefix) => {
      let pair: [string, string] = ['', ''];
      await broken(
        (whole) => {
          pair = pairOf(whole, prefix);
          exchange(whole, ...pair);
        },
        (report) => expect(named(report)).toEqual(expect.arrayContaining(pair)),
      ).catch((failure: unknown) => {
        // Exchanged keys open nothing any more: opening says so at once.
        if (prefix !== 'keys/') throw failure;
        expect(failure).toMatchObject({ code: 'REPOSITORY_DAMAGED' });
      });
    },
  );

  test('says which parts of which disks are lost with a pack, and nothing else is', async () => {
    await broken(
      (whole) => void whole.store.objects.delete(firstPack(whole)),
      (report, { expected }) => {
        expect(report.damage).toHaveLength(1);
        const [damage] = report.damage;
        expect(damage).toMatchObject({ kind: 'missing', object: expect.stringMatching(/^packs\//) });
        expect(damage?.concerns.length).toBeGreaterThan(0);
        for (const { point, disk, offset, length } of damage?.concerns ?? []) {
          const bytes = expected.get(point)?.[disk];
          expect(length).toBeGreaterThan(0);
          expect(offset + length).toBeLessThanOrEqual(bytes?.length ?? 0);
        }
      },
    );
  });

  test('names a truncated pack, at whatever length', async () => {
    for (const keep of [0, 20, 48, 5000, -1]) {
      let name = '';
      await broken(
        ({ store }) => {
          name = store.names('packs/')[1] ?? '';
          const pack = store.objects.get(name) ?? new Uint8Array(0);
          store.objects.set(name, pack.slice(0, keep < 0 ? pack.length + keep : Math.min(keep, pack.length - 1)));
        },
        (report) => expect(named(report)).toContain(name),
      );
    }
  });

  test('a deleted index is named, restores go on without it, and it can be made again as it was', async () => {
    await using whole = await openWholeLab();
    const { store } = whole;
    const before = new Map(store.names('index/').map((name) => [name, store.objects.get(name)]));
    expect(before.size).toBeGreaterThan(1);
    for (const name of before.keys()) store.objects.delete(name);
    const repository = await whole.open();
    const report = await repository.check('fast', call);
    expect(named(report)).toEqual([...before.keys()]);
    expect(report.damage.every(({ kind, concerns }) => kind === 'missing' && concerns.length === 0)).toBe(true);
    expect(await restoreAll(whole, repository, new Set())).toBe(4);
    const rebuilt = await repository.rebuildIndex(call);
    expect(rebuilt).toEqual({ runs: before.size, repaired: before.size });
    expect(new Map(store.names('index/').map((name) => [name, store.objects.get(name)]))).toEqual(before);
    expect((await repository.check('full', call)).damage).toEqual([]);
    expect(await repository.rebuildIndex(call)).toEqual({ runs: before.size, repaired: 0 });
  });

  test('names a lost manifest and a lost commit with the restore point that they took along', async () => {
    for (const prefix of ['manifests/', 'commits/']) {
      await using whole = await openWholeLab();
      const [first = ''] = whole.expected.keys();
      // The first that was put is the one that the second restore point was built upon.
      const name = [...whole.store.objects.keys()].find((object) => object.startsWith(prefix)) ?? '';
      whole.store.objects.delete(name);
      const repository = await whole.open();
      const report = await repository.check('fast', call);
      expect(report.damage).toContainEqual(expect.objectContaining({ object: name, kind: 'missing' }));
      expect(concernedPoints(report)).toEqual(new Set([first]));
      await restoreAll(whole, repository, new Set([first]));
    }
  });

  test('names foreign objects, and lost or changed keys and format', async () => {
    await using whole = await openWholeLab();
    const { store } = whole;
    const repository = await whole.open();
    store.objects.set('packs/readme.txt', Buffer.from('hello'));
    store.objects.set('thumbs.db', Buffer.from('hello'));
    for (const name of store.names('keys/')) store.objects.delete(name);
    store.objects.set('format.json', Buffer.from('{}'));
    const report = await repository.check('fast', call);
    expect(report.damage.map(({ object, kind }) => [object, kind])).toEqual([
      ['format.json', 'damaged'],
      ['keys/', 'missing'],
      ['packs/readme.txt', 'foreign'],
      ['thumbs.db', 'foreign'],
    ]);
    await restoreAll(whole, repository, new Set());
  });
});

describe('a restore that meets a lost chunk', () => {
  test('restores everything else, fails, and names the offsets', async () => {
    await using whole = await openWholeLab();
    const { store, expected } = whole;
    const [point = ''] = expected.keys();
    const original = expected.get(point)?.vda ?? Buffer.alloc(0);
    store.objects.delete(firstPack(whole));
    const repository = await whole.open();
    const report = await repository.check('fast', call);
    const lost = report.damage.flatMap(({ concerns }) => concerns.filter((concern) => concern.point === point));
    const restored = await restoreDisk(whole, repository, point, 'vda');
    expect(restored.failure).toMatchObject({ code: 'REPOSITORY_DAMAGED' });
    for (const { offset } of lost.slice(0, 3)) expect(String(restored.failure)).toContain(String(offset));
    const should = Buffer.from(original);
    for (const { offset, length } of lost) should.fill(0, offset, offset + length);
    expect(lost.length).toBeGreaterThan(0);
    expect(restored.bytes.equals(should)).toBe(true);
    const verified = await repository.verify(point, call);
    const ranges = verified.damage.flatMap(({ concerns }) => concerns);
    expect(ranges.map(({ offset, length }) => [offset, length])).toEqual(
      lost.map(({ offset, length }) => [offset, length]),
    );
  });

  test('reading its bytes as a stream ends in an error before the first byte that is lost', async () => {
    await using whole = await openWholeLab();
    const [point = ''] = whole.expected.keys();
    whole.store.objects.delete(firstPack(whole));
    const repository = await whole.open();
    const report = await repository.check('fast', call);
    const lost = report.damage.flatMap(({ concerns }) => concerns.filter((concern) => concern.point === point));
    const parts: Uint8Array[] = [];
    const reading = async () => {
      for await (const part of repository.read(point, 'vda', null, call)) parts.push(Uint8Array.from(part));
    };
    await expect(reading()).rejects.toMatchObject({ code: 'REPOSITORY_DAMAGED' });
    const got = Buffer.concat(parts);
    expect(got.length).toBeLessThanOrEqual(lost[0]?.offset ?? 0);
    expect(got.equals((whole.expected.get(point)?.vda ?? got).subarray(0, got.length))).toBe(true);
  });
});
