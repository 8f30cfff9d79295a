import { randomBytes } from 'node:crypto';
import { isHoldfastError, makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { openRepository } from '../../../core/repository/open.ts';
import { openLab, passphrase, protect, restoreDisk, testOptions } from '../lab.ts';
import { sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';
import { actOn, bytesOf, call, damagedObjects, flip, isWhole, MIB, openRepairLab } from './repair-lab.ts';

describe('what may be whole, but not for those who look', () => {
  test('is left as it is when a copy lost the newest keys: with them all is whole again', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const old = sampleDisk('old', MIB);
    const first = await protect(lab, lab.repository, 'm1', { vda: old }, { takenAt: 1 });
    const isKey = (name: string): boolean => name.startsWith('keys/');
    const before = store.copy();
    await lab.repository.rotateKeys([{ passphrase }, { recoveryWords: lab.words }], call);
    const disk = sampleDisk('new', MIB);
    const second = await protect(lab, lab.repository, 'm2', { vda: disk }, { takenAt: 2 });
    const lease = `leases/${second.point}`;
    store.objects.delete(`${lease}.end`);
    const whole = store.copy();
    for (const name of [...store.names('keys/'), ...store.names('generations/')]) store.objects.delete(name);
    for (const name of before.names('').filter(isKey)) store.objects.set(name, bytesOf(before, name));

    const newer = store.names('').filter((name) => !before.objects.has(name));
    const options = testOptions(`${lab.folder}/blind`);
    const blind = await openRepository(store, { passphrase }, options, call);
    const plan = await blind.planRepair('fast', call);
    expect(newer.filter((name) => name.startsWith('packs/')).length).toBeGreaterThan(0);
    for (const name of newer) expect(actOn(plan, name), name).toMatchObject({ act: 'none' });
    expect(plan.damage.every(({ kind }) => kind === 'unknown')).toBe(true);
    await blind.repair(plan, call);
    await blind.rebuildIndex(call);
    expect((await restoreDisk(lab, blind, first.point, 'vda')).bytes.equals(old)).toBe(true);
    await blind.close();
    for (const name of newer) expect(bytesOf(store, name).equals(bytesOf(whole, name)), name).toBe(true);
    expect(store.names('tombstones/')).toEqual([]);

    for (const name of whole.names('')) if (!store.objects.has(name)) store.objects.set(name, bytesOf(whole, name));
    const seeing = await lab.reopen(undefined, 'seeing');
    expect((await seeing.check('full', call)).damage).toEqual([]);
    expect((await restoreDisk(lab, seeing, second.point, 'vda')).bytes.equals(disk)).toBe(true);
  });

  test.each(['packs/', 'index/'])('is left as it is in %s when a newer version has written it', async (folder) => {
    await using one = await openRepairLab();
    const [name = ''] = one.store.names(folder);
    const newer = Buffer.concat([bytesOf(one.store, name).subarray(0, 48), randomBytes(5000)]);
    newer.writeUInt16LE(2, 4);
    one.store.objects.set(name, newer);
    const seeing = await one.lab.reopen(undefined, 'other');
    const plan = await seeing.planRepair('full', call);
    expect(plan.damage.find(({ object }) => object === name)).toMatchObject({ kind: 'unknown' });
    expect(actOn(plan, name)).toMatchObject({ act: 'none', detail: expect.stringContaining('update Holdfast') });
    await seeing.repair(plan, call);
    await seeing.rebuildIndex(call);
    expect(bytesOf(one.store, name).equals(newer)).toBe(true);
    expect(one.store.names('tombstones/')).toEqual([]);
  });

  test('is left as it is when it is a pack of another repository', async () => {
    await using one = await openRepairLab();
    await using other = await openRepairLab();
    const [name = ''] = other.packs;
    one.store.objects.set(name, bytesOf(other.store, name));
    const plan = await one.repository.planRepair('fast', call);
    expect(plan.acts).toMatchObject([
      { object: name, act: 'none', detail: expect.stringContaining('another repository') },
    ]);
    await one.repository.repair(plan, call);
    expect(one.store.names('tombstones/')).toEqual([]);
    expect(await isWhole(one, one.point, one.disk)).toBe(true);
  });

  test.each([
    ['packs/', 8, 'salvage'],
    ['packs/', 4, 'salvage'],
    ['index/', 8, 'rebuild'],
    ['index/', 4, 'rebuild'],
    ['tombstones/', 4, 'remove'],
  ] as const)(
    'is not taken for it when a bit is flipped: in %s at %i it is damage, and mended',
    async (folder, at, act) => {
      await using one = await openRepairLab();
      if (folder === 'tombstones/') {
        const large = one.packs.find((pack) => bytesOf(one.store, pack).length > 10_000) ?? '';
        flip(one.store, large, 500);
        await one.repository.repair(await one.repository.planRepair('fast', call), call);
      }
      const [name = ''] = one.store.names(folder);
      flip(one.store, name, at);
      flip(one.store, name, at + 1);
      const seeing = await one.lab.reopen(undefined, 'other');
      const plan = await seeing.planRepair('fast', call);
      expect(plan.damage.find(({ object }) => object === name)).toMatchObject({ kind: 'damaged' });
      expect(actOn(plan, name)).toMatchObject({ act });
    },
  );
});

describe('a repository that has lost much', () => {
  test('is checked, planned for and restored with few looks at the store, however many chunks are lost', async () => {
    await using one = await openRepairLab();
    for (let takenAt = 2; takenAt < 12; takenAt++) await one.again(takenAt);
    // Every record of every pack but those of a chunk or two.
    const large = one.packs.filter((name) => bytesOf(one.store, name).length > 10_000);
    for (const name of large) {
      const bytes = bytesOf(one.store, name);
      for (let at = 200; at < bytes.length - 4000; at += 4096) bytes[at] = (bytes[at] ?? 0) ^ 1;
      one.store.objects.set(name, bytes);
    }
    const seeing = await one.lab.reopen(undefined, 'other');
    const listed = { check: 0, plan: 0, restore: 0 };
    let doing: keyof typeof listed = 'check';
    one.store.before = (operation, name) => {
      if (operation === 'list' && name === 'packs/') listed[doing]++;
    };
    const report = await seeing.check('fast', call);
    expect(damagedObjects(report)).toEqual(expect.arrayContaining(large));
    doing = 'plan';
    await seeing.planRepair('fast', makeCall());
    doing = 'restore';
    const { failure } = await restoreDisk(one.lab, seeing, one.point, 'vda');
    expect(failure).toMatchObject({ code: 'REPOSITORY_DAMAGED' });
    const ranges = String(isHoldfastError(failure) ? failure.facts.ranges : '')
      .split(' ')
      .map((range) => range.split('+').map(Number));
    const neighbours = ranges.filter(([offset = 0, length = 0], i) => ranges[i + 1]?.[0] === offset + length);
    expect(neighbours).toEqual([]);
    expect(listed.check).toBeLessThan(8);
    expect(listed.plan).toBeLessThan(8);
    expect(listed.restore).toBeLessThan(4);
  });

  test('has its index made anew although another one puts the very same run meanwhile', async () => {
    await using one = await openRepairLab();
    const [run = ''] = one.store.names('index/');
    const bytes = bytesOf(one.store, run);
    one.store.objects.delete(run);
    one.store.before = (operation, name) => {
      if (operation === 'put' && name === run) one.store.objects.set(run, bytes);
    };
    expect(await one.repository.rebuildIndex(call)).toMatchObject({ repaired: 1 });
    expect(bytesOf(one.store, run).equals(bytes)).toBe(true);
  });
});
