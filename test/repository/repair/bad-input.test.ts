import { HoldfastError } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { concernedPoints, openWholeLab, restoreAll } from '../check/whole-lab.ts';
import { restoreDisk } from '../lab.ts';
import { actOn, bytesOf, call, damagedObjects, isWhole, openRepairLab } from './repair-lab.ts';

describe('a repository that was half copied', () => {
  test.each([1, 2, 3, 4, 5])(
    'is told apart: what is whole is restored, what is not is named with its offsets, and the plan is right (round %i)',
    async (round) => {
      await using whole = await openWholeLab();
      const { store } = whole;
      // What a copy that was broken off leaves: objects missing, one of them cut short, one under the name that rsync gave it.
      const packs = store.names('packs/');
      const gone = packs[round % packs.length] ?? '';
      const cut = packs[(round + 2) % packs.length] ?? '';
      const half = packs[(round + 4) % packs.length] ?? '';
      const spare = packs[(round + 5) % packs.length] ?? '';
      const folder = (name: string): string => name.slice(0, name.lastIndexOf('/'));
      const partial = (name: string): string => `${folder(name)}/.${name.slice(folder(name).length + 1)}.Ab12Cd`;
      store.objects.delete(gone);
      store.objects.set(cut, bytesOf(store, cut).subarray(0, bytesOf(store, cut).length >> 1));
      store.objects.set(partial(half), bytesOf(store, half).subarray(0, bytesOf(store, half).length >> 1));
      store.objects.delete(half);
      store.objects.set(partial(spare), bytesOf(store, spare).subarray(0, 100));
      const [run = ''] = store.names('index/');
      store.objects.delete(run);

      const repository = await whole.open();
      const report = await repository.check('fast', call);
      expect(damagedObjects(report)).toEqual(expect.arrayContaining([cut, partial(half), partial(spare)]));
      await restoreAll(whole, repository, concernedPoints(report));
      const plan = await repository.planRepair('fast', call);
      expect(actOn(plan, cut)).toMatchObject({ act: 'salvage' });
      // What may hold bytes that are nowhere else is left where it is.
      expect(actOn(plan, partial(half))).toMatchObject({ act: 'none' });
      expect(actOn(plan, partial(spare))).toMatchObject({ act: 'remove' });
      // How many chunks are lost is known only where the index that listed them is not the one that is gone: which one that is, is drawn.
      await repository.repair(plan, call);
      expect(store.objects.has(partial(half))).toBe(true);
      expect(store.objects.has(partial(spare))).toBe(false);
      await restoreAll(whole, repository, concernedPoints(await repository.check('fast', call)));
      // The copy is made again, and all is well.
      store.objects.set(gone, bytesOf(await pristine(), gone));
      store.objects.set(half, bytesOf(await pristine(), half));
      const again = await whole.open('after the second copy');
      const rest = await again.check('full', call);
      await restoreAll(whole, again, concernedPoints(rest));
    },
  );
});

const pristine = async () => (await openWholeLab()).store;

describe('an object of size 0', () => {
  test.each([
    ['packs/', 'salvage'],
    ['index/', 'rebuild'],
    ['leases/', 'remove'],
    ['manifests/', 'none'],
    ['commits/', 'none'],
  ] as const)('under %s is named, and the plan is to %s it', async (prefix, act) => {
    await using whole = await openWholeLab();
    const { store } = whole;
    const [name = ''] = store.names(prefix);
    store.objects.set(name, Buffer.alloc(0));
    const repository = await whole.open();
    const plan = await repository.planRepair('fast', call);
    expect(actOn(plan, name)).toMatchObject({ act });
    await repository.repair(plan, call);
    expect(store.objects.has(name)).toBe(act !== 'remove');
    const report = await repository.check('fast', call);
    if (act === 'remove' || act === 'rebuild') expect(report.damage).toEqual([]);
    await restoreAll(whole, repository, concernedPoints(report));
  });

  test.each([
    'tombstones/000000000007',
    'tombstones/000000000007.leases',
    'forgotten/0123456789abcdef0123456789abcdef',
  ])('called %s is removed: it says nothing', async (name) => {
    await using whole = await openWholeLab();
    whole.store.objects.set(name, Buffer.alloc(0));
    const repository = await whole.open();
    const plan = await repository.planRepair('fast', call);
    expect(actOn(plan, name)).toMatchObject({ act: 'remove' });
    await repository.repair(plan, call);
    expect((await repository.check('fast', call)).damage).toEqual([]);
    expect(await restoreAll(whole, repository, new Set())).toBe(4);
  });

  test('that is a manifest without a commit is a leftover; one that a commit names is not', async () => {
    await using whole = await openWholeLab();
    const { store } = whole;
    const [named = ''] = store.names('manifests/');
    const leftover = `${named.slice(0, -32)}${'ab'.repeat(16)}`;
    store.objects.set(leftover, Buffer.alloc(0));
    store.objects.set(named, Buffer.alloc(0));
    const repository = await whole.open();
    const plan = await repository.planRepair('fast', call);
    expect(actOn(plan, leftover)).toMatchObject({ act: 'remove' });
    expect(actOn(plan, named)).toMatchObject({ act: 'none', detail: expect.stringContaining('put back') });
    await repository.repair(plan, call);
    expect(store.objects.has(leftover)).toBe(false);
    expect(store.objects.has(named)).toBe(true);
  });

  test('that is a key leaves the repository open to those who hold another one', async () => {
    await using whole = await openWholeLab();
    const { store } = whole;
    const repository = await whole.open();
    for (const name of store.names('keys/')) store.objects.set(name, Buffer.alloc(0));
    const plan = await repository.planRepair('fast', call);
    for (const name of store.names('keys/')) expect(actOn(plan, name)).toMatchObject({ act: 'none' });
    await repository.repair(plan, call);
    expect(await restoreAll(whole, repository, new Set())).toBe(4);
  });
});

describe('a pack under a wrong name', () => {
  test('is put where it belongs, and nothing is lost', async () => {
    await using broken = await openRepairLab();
    const { store, repository, disk, point, packs } = broken;
    const pack = packs[1] ?? '';
    const wrong = `packs/ab/${'ab'.repeat(16)}`;
    store.objects.set(wrong, bytesOf(store, pack));
    store.objects.delete(pack);
    const plan = await repository.planRepair('fast', call);
    expect(actOn(plan, wrong)).toMatchObject({ act: 'salvage', detail: expect.stringContaining(pack) });
    await repository.repair(plan, call);
    expect(store.objects.has(pack)).toBe(true);
    expect(await isWhole(broken, point, disk)).toBe(true);
    expect((await repository.check('full', call)).damage).toEqual([]);
  });

  test('while another lies under its own is left for people to look at', async () => {
    await using broken = await openRepairLab();
    const { store, repository, packs } = broken;
    const [one = '', two = ''] = packs;
    const bytes = bytesOf(store, one);
    store.objects.set(one, bytesOf(store, two));
    store.objects.set(two, bytes);
    const plan = await repository.planRepair('fast', call);
    for (const name of [one, two]) expect(actOn(plan, name)).toMatchObject({ act: 'none' });
    await repository.repair(plan, call);
    expect(store.objects.has(one) && store.objects.has(two)).toBe(true);
  });
});

describe('leases that a dead host has left', () => {
  test('stand in nobody’s way: protecting, restoring, checking and repairing go on', async () => {
    await using broken = await openRepairLab();
    const { lab, store, repository, disk, point, again } = broken;
    const dead = await lab.reopen(undefined, 'a host that dies');
    const writer = await dead.begin({ endpoint: 'lab', id: 'm9' }, call);
    // The host dies: nothing of it is ever ended.
    store.before = (operation, name) => {
      if (operation === 'put' && name.endsWith('.end')) throw new HoldfastError('TARGET_IO', 'dead');
    };
    await writer.abandon(call);
    store.before = () => {};
    expect(store.objects.has(`leases/${writer.id}.end`)).toBe(false);
    const second = await again(2);
    expect((await repository.check('full', call)).damage).toEqual([]);
    for (const one of [point, second]) expect(await isWhole(broken, one, disk)).toBe(true);
    expect((await repository.planRepair('fast', call)).acts).toEqual([]);
  });

  test('and that nobody can read go when they are silent, and their writer can never commit', async () => {
    await using broken = await openRepairLab();
    const { lab, store, repository } = broken;
    const writer = await (await lab.reopen(undefined, 'silent')).begin({ endpoint: 'lab', id: 'm9' }, call);
    store.objects.set(`leases/${writer.id}`, Buffer.from('nonsense'));
    const plan = await repository.planRepair('fast', call);
    expect(actOn(plan, `leases/${writer.id}`)).toMatchObject({ act: 'remove' });
    await repository.repair(plan, call);
    expect(store.objects.has(`leases/${writer.id}`)).toBe(false);
    expect(store.objects.has(`commits/${writer.id}`)).toBe(true);
    const before = (await repository.points({}, call)).length;
    await writer.abandon(call);
    expect((await repository.points({}, call)).length).toBe(before);
    expect((await repository.check('fast', call)).damage).toEqual([]);
  });
});

describe('a clock that was a year ahead', () => {
  test('and is right again orders restore points by the times that they carry, and takes nothing away', async () => {
    await using broken = await openRepairLab();
    const { lab, store, repository, disk, point, again } = broken;
    const year = 365 * 24 * 3600_000;
    const now = Date.now();
    const ahead = await again(now + year);
    const back = await again(now);
    const listed = (await repository.points({}, call)).map((one) => one.point);
    expect(listed).toEqual([ahead, back, point]);
    const packs = store.names('packs/');
    await repository.collect({ waitMs: 0 }, call);
    expect(store.names('packs/')).toEqual(packs);
    for (const one of listed) expect(await isWhole(broken, one, disk)).toBe(true);
    // The newest by its own time is not forgotten, however wrong that is; the others may be.
    await expect(repository.forget([ahead], 'test', call)).rejects.toMatchObject({ code: 'POINT_NEWEST' });
    const other = await lab.reopen(undefined, 'another');
    expect((await other.check('full', call)).damage).toEqual([]);
  });
});

test('a restore of a point whose chunk is gone fails, names the offsets, and writes nothing where it is', async () => {
  await using broken = await openRepairLab();
  const { lab, store, repository, disk, point, packs } = broken;
  store.objects.delete(packs[1] ?? '');
  const lost = (await repository.check('fast', call)).damage.flatMap(({ concerns }) => concerns);
  expect(lost.length).toBeGreaterThan(0);
  const { emptyImage } = await import('../sample-disks.ts');
  const { writeFile } = await import('node:fs/promises');
  const image = await emptyImage(lab.folder, 'not empty.raw', disk.length);
  // What was there before shows what was written, and what was not.
  await writeFile(image.sink.path, Buffer.alloc(disk.length, 0x5a));
  const failure = await repository.restore(point, 'vda', image.sink, call).catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ code: 'REPOSITORY_DAMAGED' });
  const bytes = await image.bytes();
  for (const { offset, length } of lost) {
    expect(String(failure)).toContain(`${offset}+`);
    expect(bytes.subarray(offset, offset + length).every((byte) => byte === 0x5a)).toBe(true);
  }
  const verified = await restoreDisk(lab, repository, point, 'vda');
  expect(verified.failure).not.toBeNull();
});
