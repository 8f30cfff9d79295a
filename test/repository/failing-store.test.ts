import { HoldfastError, makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import type { Repository } from '../../core/repository/contract.ts';
import { openLab, protect, restoreDisk } from './lab.ts';
import { changedDisk, rawImage, sampleDisk } from './sample-disks.ts';
import { MemoryStore } from './stores.ts';

const call = makeCall();
const MIB = 1024 * 1024;

/** More puts than one backup makes: beyond this something goes round in circles. */
const MOST = 200;

const failure = (): HoldfastError => new HoldfastError('TARGET_IO', 'the store has failed');

const points = async (repository: Repository): Promise<string[]> =>
  (await repository.points({}, call)).map(({ point }) => point).sort();

describe('a store that fails', () => {
  test.each(['before', 'after'] as const)(
    'at the n-th put, %s it takes effect, for every n: nothing is lost and nothing is half there',
    async (moment) => {
      const store = new MemoryStore();
      await using lab = await openLab(store);
      const base = sampleDisk('vda', MIB);
      const known = new Map([[(await protect(lab, lab.repository, 'm1', { vda: base }, { takenAt: 0 })).point, base]]);
      let clean = false;
      let refused = 0;
      for (let n = 1; !clean; n++) {
        expect(n).toBeLessThan(MOST);
        let puts = 0;
        const count = (): void => {
          if (++puts === n) throw failure();
        };
        if (moment === 'after') store.after = count;
        else store.before = (operation) => void (operation === 'put' && count());
        const { disk } = changedDisk(base, `n ${n}`, 10);
        const outcome = await protect(lab, lab.repository, 'm1', { vda: disk }, { takenAt: n }).catch(
          (thrown: unknown) => thrown,
        );
        store.before = () => {};
        store.after = () => {};
        const there = await points(lab.repository);
        const added = there.filter((point) => !known.has(point));
        if (outcome instanceof Error) {
          expect(outcome).toMatchObject({ code: 'TARGET_IO' });
          refused++;
          // Only a store that fails after it has taken the commit leaves a restore point that nobody has acknowledged.
          expect(added.length).toBeLessThanOrEqual(moment === 'after' ? 1 : 0);
        } else expect(added).toHaveLength(1);
        for (const point of added) known.set(point, disk);
        expect(there).toEqual([...known.keys()].sort());
        clean = puts < n;
      }
      for (const [point, bytes] of known) {
        const restored = await restoreDisk(lab, lab.repository, point, 'vda');
        expect(restored.failure).toBeNull();
        expect(restored.bytes.equals(bytes)).toBe(true);
      }
      expect((await lab.repository.check('full', call)).damage).toEqual([]);
      expect(refused).toBeGreaterThan(3);
      console.log(`${moment} each put: ${refused} backups refused, ${known.size} restore points whole, 0 lost`);
    },
  );

  test('because it is mounted for reading only is still listed, checked and restored, and takes no new restore point', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const vda = sampleDisk('vda', MIB);
    const { point } = await protect(lab, lab.repository, 'm1', { vda });
    const before = store.digest();
    store.before = (operation) => {
      if (operation === 'put' || operation === 'remove') throw new HoldfastError('TARGET_READ_ONLY', 'read only');
    };
    const repository = await lab.reopen(undefined, 'another process');
    expect(await points(repository)).toEqual([point]);
    expect((await repository.check('full', call)).damage).toEqual([]);
    expect((await repository.verify(point, call)).damage).toEqual([]);
    expect((await restoreDisk(lab, repository, point, 'vda')).bytes.equals(vda)).toBe(true);
    await expect(repository.begin({ endpoint: 'lab', id: 'm1' }, call)).rejects.toMatchObject({
      code: 'TARGET_READ_ONLY',
    });
    expect(store.digest()).toBe(before);
    store.before = () => {};
  });

  test('while a repository is closed with a writer still open gives that writer up', async () => {
    const store = new MemoryStore();
    await using lab = await openLab(store);
    const repository = await lab.reopen(undefined, 'another process');
    const writer = await repository.begin({ endpoint: 'lab', id: 'm1' }, call);
    await writer.write('vda', await rawImage(lab.folder, 'a.raw', sampleDisk('vda', MIB)), {}, call);
    await repository.close();
    expect(store.names()).toContain(`leases/${writer.id}.end`);
    expect(await points(lab.repository)).toEqual([]);
  });
});
