import { HoldfastError, makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { protect } from '../lab.ts';
import { noise, sampleDisk } from '../sample-disks.ts';
import { bytesOf, copy, MIB, openFamily, openTwoLabs, pointsOf } from './two-labs.ts';

const call = makeCall();

describe.each([
  ['a family', openFamily],
  ['strangers', openTwoLabs],
] as const)('a copy between %s', (_, open) => {
  test('keeps all that it needs while the destination is collected over and over', async () => {
    await using labs = await open({ workers: 0 });
    const { source, destination } = labs;
    const disk = sampleDisk('collected', 6 * MIB);
    // Something that only forgotten restore points reach, and that the copy reaches again.
    const old = await protect(destination, destination.repository, 'old', { vda: disk }, { takenAt: 1 });
    await protect(destination, destination.repository, 'old', { vda: noise('new', MIB) }, { takenAt: 2 });
    await destination.repository.forget([old.point], 'test', call);
    const collector = await destination.reopen(undefined, 'collector');
    const { point } = await protect(source, source.repository, 'web', { vda: disk });
    let collections = 0;
    let isBusy = false;
    destination.store.before = async (operation, name) => {
      if (isBusy || operation !== 'put' || !/^(packs|index|manifests|commits)\//.test(name)) return;
      isBusy = true;
      await collector.collect({}, call);
      collections++;
      isBusy = false;
    };
    const copied = await copy(source, destination, point);
    destination.store.before = () => {};
    expect(collections).toBeGreaterThan(1);
    for (let again = 0; again < 3; again++) await collector.collect({}, call);
    const reader = await destination.reopen(undefined, 'reader');
    expect((await bytesOf({ ...destination, repository: reader }, copied.point, 'vda')).equals(disk)).toBe(true);
    expect((await reader.check('full', call)).damage).toEqual([]);
  });

  test('is whole when what a broken-off one has left was collected before it is tried again', async () => {
    await using labs = await open({ workers: 0 });
    const { source, destination } = labs;
    const disk = sampleDisk('left', 6 * MIB);
    const { point } = await protect(source, source.repository, 'web', { vda: disk });
    destination.store.before = (operation, name) => {
      if (operation === 'put' && name.startsWith('manifests/')) throw new HoldfastError('TARGET_IO', 'killed');
    };
    await expect(copy(source, destination, point)).rejects.toMatchObject({ code: 'TARGET_IO' });
    destination.store.before = () => {};
    for (let again = 0; again < 3; again++) await destination.repository.collect({}, call);
    expect(destination.store.names('packs/')).toEqual([]);
    const copied = await copy(source, destination, point);
    expect((await bytesOf(destination, copied.point, 'vda')).equals(disk)).toBe(true);
    expect(await pointsOf(destination)).toHaveLength(1);
  });

  test('reads on in a source that forgets the restore point and is collected meanwhile', async () => {
    await using labs = await open({ workers: 0 });
    const { source, destination } = labs;
    const disk = sampleDisk('forgotten', 6 * MIB);
    const { point } = await protect(source, source.repository, 'web', { vda: disk }, { takenAt: 1 });
    await protect(source, source.repository, 'web', { vda: noise('next', MIB) }, { takenAt: 2 });
    const collector = await source.reopen(undefined, 'collector');
    let isDone = false;
    destination.store.before = async (operation, name) => {
      if (isDone || operation !== 'put' || !name.startsWith('packs/')) return;
      isDone = true;
      await collector.forget([point], 'test', call);
      for (let again = 0; again < 3; again++) await collector.collect({}, call);
    };
    const copied = await copy(source, destination, point);
    expect(isDone).toBe(true);
    expect((await bytesOf(destination, copied.point, 'vda')).equals(disk)).toBe(true);
  });
});
