import { makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { HEADER_BYTES, RECORD_HEADER_BYTES } from '../../../core/repository/data/packs/format.ts';
import { call, halfNew, openCollectLab } from '../collect/collect-lab.ts';
import { openLab, protect, restoreDisk } from '../lab.ts';
import { noise } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';
import { deduplicate, flip, land, packBytes, text } from './landing-lab.ts';

describe('a deduplication pass', () => {
  test('leaves what immediate would have stored, however often it landed', async () => {
    await using at = await openCollectLab();
    await using later = await openCollectLab();
    const disk = text('a machine', 1_500_000);
    const next = halfNew(disk);
    for (const [machine, bytes] of [
      ['m1', disk],
      ['m2', disk],
      ['m1', next],
      ['m1', next],
    ] as const) {
      await land(at, machine, bytes, 'immediate');
      await land(later, machine, bytes);
    }
    expect(packBytes(later)).toBeGreaterThan(packBytes(at) * 2);
    const report = await deduplicate(later);
    expect(report.leftPacks).toBe(0);
    expect(report.condemnedBytes).toBe(report.waited.bytes);
    await later.collect();
    // Each repository cuts in its own way.
    expect(packBytes(later)).toBeLessThan(packBytes(at) * 1.15);
    await later.expectWhole();
    expect(later.store.names('landings/')).toEqual([]);
  });

  test('moves nothing that another pack holds, and reads that copy before it relies on it', async () => {
    await using one = await openCollectLab();
    const disk = noise('disk', 700_000);
    await land(one, 'm1', disk, 'immediate');
    const [victim = ''] = one.store.names('packs/');
    await land(one, 'm1', disk);
    const stayed = one.store.copy();
    expect((await deduplicate(one)).moved).toBeLessThan(4);
    one.store.objects.clear();
    for (const [name, bytes] of stayed.objects) one.store.objects.set(name, bytes);
    // A bit in the first record of a pack that the landed ones would be given up for.
    flip(one.store, victim, HEADER_BYTES + RECORD_HEADER_BYTES + 5);
    await using other = await one.lab.reopen(undefined, 'another machine');
    await other.deduplicate({}, call);
    await other.collect({ waitMs: 0, repackBelow: 0 }, call);
    const points = await other.points({}, call);
    expect(points).toHaveLength(2);
    for (const { point } of points) expect((await restoreDisk(one.lab, other, point, 'vda')).failure).toBeNull();
  });

  test('takes a chunk from the next pack that landed when the first does not give it, and leaves the damaged one', async () => {
    await using one = await openCollectLab();
    const disk = noise('disk', 300_000);
    await land(one, 'm1', disk);
    await land(one, 'm2', disk);
    const [victim = ''] = one.store.names('packs/');
    flip(one.store, victim, HEADER_BYTES + RECORD_HEADER_BYTES + 5);
    const report = await deduplicate(one);
    expect(report.leftPacks).toBeLessThan(2);
    await one.collect();
    for (const point of one.expected.keys())
      expect((await restoreDisk(one.lab, one.lab.repository, point, 'vda')).failure).toBeNull();
    // What the damaged one still held is elsewhere by now: the next pass lets it go.
    expect((await deduplicate(one)).leftPacks).toBe(0);
    await one.collect();
    await one.expectWhole();
  });

  test('looks only when it is asked to, and changes nothing then', async () => {
    await using one = await openCollectLab();
    await land(one, 'm1', text('disk', 500_000));
    const before = one.store.digest();
    const report = await deduplicate(one, { dryRun: true });
    expect(report.waited.bytes).toBe(packBytes(one));
    expect(one.store.digest()).toBe(before);
  });

  test('stops when its time is over, and the next one goes on', async () => {
    await using one = await openCollectLab();
    await land(one, 'm1', text('disk', 900_000));
    const report = await deduplicate(one, { isOver: () => true });
    expect(report).toMatchObject({ stoppedBy: 'time', condemnedPacks: 0 });
    expect((await deduplicate(one)).leftPacks).toBe(0);
    await one.collect();
    await one.expectWhole();
  });

  test('leaves what a backup has begun to build upon, and a backup goes on meanwhile', async () => {
    await using one = await openCollectLab();
    const disk = text('disk', 900_000);
    const gone = await land(one, 'm1', disk);
    await land(one, 'm1', noise('small', 50_000));
    await one.lab.repository.forget([gone.point], 'test', call);
    one.expected.delete(gone.point);
    await using other = await one.lab.reopen(undefined, 'another machine');
    // It has looked at tombstones and packs already.
    const writer = await other.begin({ endpoint: 'lab', id: 'waits' }, call);
    const named = await protect(one.lab, other, 'm2', { vda: disk }, { takenAt: one.clock.now++ });
    one.expected.set(named.point, disk);
    await deduplicate(one);
    await land(one, 'm3', disk, 'immediate');
    await writer.abandon(call);
    await one.collect();
    await one.expectWhole();
  });

  test('refuses while a collection is alive, and the other way round', async () => {
    await using one = await openCollectLab();
    await land(one, 'm1', text('disk', 500_000));
    await using other = await one.lab.reopen(undefined, 'another machine');
    let inside: unknown = null;
    let isTried = false;
    one.store.before = async (operation, name) => {
      if (isTried || operation !== 'put' || !name.startsWith('packs/')) return;
      isTried = true;
      inside = await other.collect({}, call).catch((thrown: unknown) => thrown);
    };
    await deduplicate(one);
    expect(inside).toMatchObject({ code: 'COLLECTION_BUSY' });
    await one.collect();
    await one.expectWhole();
  });

  test('ends its lease when it is cancelled, and loses nothing', async () => {
    await using one = await openCollectLab({ workers: 0 });
    await land(one, 'm1', text('disk', 900_000));
    const stop = new AbortController();
    one.store.before = (operation, name) => {
      if (operation === 'put' && name.startsWith('packs/')) stop.abort();
    };
    const cancelled = one.lab.repository.deduplicate({}, makeCall({ signal: stop.signal }));
    await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
    one.store.before = () => {};
    expect((await deduplicate(one)).leftPacks).toBe(0);
    await one.collect();
    await one.expectWhole();
  });

  test('a collection before it does not write anew what landed, and removes what is dead of it', async () => {
    await using one = await openCollectLab();
    const disk = noise('disk', 900_000);
    const gone = await land(one, 'm1', disk);
    await land(one, 'm1', halfNew(disk), 'immediate');
    await one.lab.repository.forget([gone.point], 'test', call);
    one.expected.delete(gone.point);
    const report = await one.collect({ repackBelow: 0.99 });
    expect(report.repackedPacks).toBe(0);
    await one.expectWhole();
    await deduplicate(one);
    await one.collect({ repackBelow: 0 });
    expect(packBytes(one)).toBeLessThan(1_100_000);
    await one.expectWhole();
  });

  test('without its document, or with a damaged one, what landed is as good as any', async () => {
    await using one = await openCollectLab();
    await land(one, 'm1', text('disk', 500_000));
    const [name = ''] = one.store.names('landings/');
    flip(one.store, name, 40);
    expect((await one.lab.repository.check('fast', call)).damage.map(({ object }) => object)).toEqual([name]);
    expect((await deduplicate(one)).waited.packs).toBe(0);
    const repaired = await one.lab.repository.repair(await one.lab.repository.planRepair('fast', call), call);
    expect(repaired).toBeTruthy();
    expect(one.store.names('landings/')).toEqual([]);
    await one.collect();
    await one.expectWhole();
  });

  test('finds what landed after the index was made anew, and the index comes back the same after it', async () => {
    await using one = await openCollectLab();
    await land(one, 'm1', text('disk', 900_000));
    for (const name of one.store.names('index/')) one.store.objects.delete(name);
    expect((await one.lab.repository.rebuildIndex(call)).repaired).toBeGreaterThan(0);
    await deduplicate(one);
    await one.collect();
    expect((await one.lab.repository.rebuildIndex(call)).repaired).toBe(0);
    await one.expectWhole();
  });

  test('what landed can be copied to a relative and to a stranger before and after', async () => {
    await using one = await openCollectLab();
    const disk = text('disk', 900_000);
    const point = await land(one, 'm1', disk);
    await using relative = await openLab(new MemoryStore(), { family: one.lab.repository });
    await using stranger = await openLab(new MemoryStore());
    for (const lab of [relative, stranger]) {
      const copy = await lab.repository.copyFrom(one.lab.repository, point.point, {}, call);
      const restored = await restoreDisk(lab, lab.repository, copy.point, 'vda');
      expect(restored.bytes.equals(disk)).toBe(true);
      const packs = (await lab.repository.stats(call)).storedBytes;
      expect(packs).toBeLessThan(disk.length / 2);
    }
    await deduplicate(one);
    await one.collect();
    await using third = await openLab(new MemoryStore(), { family: one.lab.repository });
    const copy = await third.repository.copyFrom(one.lab.repository, point.point, {}, call);
    expect((await restoreDisk(third, third.repository, copy.point, 'vda')).bytes.equals(disk)).toBe(true);
  });
});
