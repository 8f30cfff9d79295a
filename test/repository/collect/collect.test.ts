import { describe, expect, test } from 'vitest';
import type { CollectReport } from '../../../core/repository/collect/contract.ts';
import { changedDisk, noise } from '../sample-disks.ts';
import { call, disk, halfNew, MIB, openCollectLab } from './collect-lab.ts';

describe('a collection', () => {
  test('removes the packs of a forgotten restore point that no other one needs, and leaves every other restore point whole', async () => {
    await using one = await openCollectLab();
    const gone = await one.protect('m1', disk('first'));
    await one.protect('m1', disk('second'));
    await one.protect('m2', disk('other'));
    const before = one.store.names('packs/').length;
    await one.lab.repository.forget([gone.point], 'test', call);
    one.expected.delete(gone.point);
    const report = await one.collect();
    expect(report.sweptPacks).toBeGreaterThan(1);
    expect(report.awaited).toEqual([]);
    expect(one.store.names('packs/')).toHaveLength(before - report.sweptPacks);
    expect(one.store.names('tombstones/')).toEqual([]);
    expect(one.store.names(`commits/${gone.point}`)).toEqual([]);
    await one.expectWhole();
  });

  test('of a repository where nothing is dead removes no pack and no restore point', async () => {
    await using one = await openCollectLab();
    await one.protect('m1', disk('first'));
    const packs = one.store.names('packs/');
    const report = await one.collect();
    expect(report).toMatchObject({ sweptPacks: 0, condemnedPacks: 0, repackedPacks: 0, fenced: [] });
    expect(one.store.names('packs/')).toEqual(packs);
    await one.expectWhole();
  });

  test('writes anew what is reachable in a pack that is mostly dead, and then removes the pack', async () => {
    await using one = await openCollectLab();
    const base = noise('base', 2 * MIB);
    const gone = await one.protect('m1', base);
    await one.protect('m1', halfNew(base));
    await one.lab.repository.forget([gone.point], 'test', call);
    one.expected.delete(gone.point);
    const report = await one.collect({ repackBelow: 0.9 });
    expect(report.repackedPacks).toBeGreaterThan(0);
    expect(report.movedBytes).toBeGreaterThan(0);
    await one.expectWhole();
    const again = await one.collect({ repackBelow: 0.9 });
    expect(again.repackedPacks).toBe(0);
  });

  test('that only looks changes nothing and says what the real one then does', async () => {
    await using one = await openCollectLab();
    const gone = await one.protect('m1', disk('first'));
    const base = disk('base', 2 * MIB);
    await one.protect('m1', changedDisk(base, 'c', 3).disk);
    await one.protect('m1', base);
    await one.lab.repository.forget([gone.point], 'test', call);
    const before = one.store.digest();
    const dry = await one.collect({ dryRun: true });
    expect(one.store.digest()).toBe(before);
    one.expected.delete(gone.point);
    const told: CollectReport[] = [];
    const decided = (plan: CollectReport): void => {
      told.push(plan);
      expect(one.store.names('tombstones/')).toEqual([]);
    };
    const real = await one.collect({ decided });
    // Whoever agreed beforehand hears the same before anything is condemned.
    expect(told).toEqual([{ ...dry, durationMs: 0 }]);
    expect(dry.forgotten).toEqual([gone.point]);
    expect(real.forgotten).toEqual([gone.point]);
    expect(dry.isDryRun).toBe(true);
    expect(dry.condemnedPacks).toBe(real.sweptPacks);
    expect(dry.condemnedBytes).toBe(real.sweptBytes);
    expect(dry.decided.map(({ object }) => object)).toEqual(real.decided.map(({ object }) => object));
    await one.expectWhole();
  });
});
