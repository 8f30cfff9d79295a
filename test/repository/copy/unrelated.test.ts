import { isHoldfastError, makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { insideOf } from '../../../core/repository/copy/inside.ts';
import { protect } from '../lab.ts';
import { changedDisk, noise, sampleDisk } from '../sample-disks.ts';
import { bytesOf, copy, MIB, openTwoLabs, pointsOf } from './two-labs.ts';

const call = makeCall();

describe('a copy into an unrelated repository', () => {
  test('is the restore point byte for byte, with all that is known of it but its change tokens', async () => {
    await using labs = await openTwoLabs();
    const { source, destination } = labs;
    const disks = { vda: sampleDisk('copy', 9 * MIB + 4096), vdb: Buffer.alloc(5 * MIB) };
    const { point } = await protect(source, source.repository, 'web', disks);
    const result = await copy(source, destination, point);
    expect(result).toMatchObject({ wasThere: false, relation: 'unrelated' });
    expect(result.point).not.toBe(point);
    const [original] = await pointsOf(source);
    const [copied] = await pointsOf(destination);
    expect(copied).toMatchObject({
      point: result.point,
      target: 'destination',
      machine: 'web',
      endpoint: 'lab',
      takenAt: original?.takenAt,
      consistency: original?.consistency,
    });
    expect(original?.disks.map(({ changeToken }) => changeToken)).not.toContain(null);
    expect(copied?.disks).toEqual(original?.disks.map((disk) => ({ ...disk, changeToken: null })));
    for (const [key, bytes] of Object.entries(disks)) {
      expect((await bytesOf(destination, result.point, key)).equals(bytes)).toBe(true);
    }
    expect((await destination.repository.check('full', call)).damage).toEqual([]);
  });

  test('names where it was made, so that it is made once only however often and from wherever it is copied', async () => {
    await using labs = await openTwoLabs();
    await using others = await openTwoLabs();
    const [a, b, c] = [labs.source, labs.destination, others.source];
    const { point } = await protect(a, a.repository, 'web', { vda: sampleDisk('origin', 2 * MIB) });
    const first = await copy(a, b, point);
    expect(await copy(a, b, point)).toMatchObject({ point: first.point, wasThere: true });
    const second = await copy(b, c, first.point);
    expect(second.wasThere).toBe(false);
    expect(await copy(c, b, second.point)).toMatchObject({ point: first.point, wasThere: true });
    expect(await copy(c, a, second.point)).toMatchObject({ point, wasThere: true });
    expect(await copy(a, a, point)).toMatchObject({ point, wasThere: true });
    for (const lab of [a, b, c]) expect(await pointsOf(lab)).toHaveLength(1);
  });

  test('comes home when the original was forgotten', async () => {
    await using labs = await openTwoLabs();
    const { source, destination } = labs;
    const disk = sampleDisk('home', 2 * MIB);
    const { point } = await protect(source, source.repository, 'web', { vda: disk }, { takenAt: 1000 });
    await protect(source, source.repository, 'web', { vda: disk }, { takenAt: 2000 });
    const away = await copy(source, destination, point);
    await source.repository.forget([point], 'test', call);
    const home = await copy(destination, source, away.point);
    expect(home.wasThere).toBe(false);
    expect((await bytesOf(source, home.point, 'vda')).equals(disk)).toBe(true);
    expect(await copy(destination, source, away.point)).toMatchObject({ point: home.point, wasThere: true });
  });

  test('of the next restore point adds no more than what has changed', async () => {
    await using labs = await openTwoLabs();
    const { source, destination } = labs;
    const before = noise('next', 8 * MIB);
    const { disk: after } = changedDisk(before, 'next', 8);
    const one = await protect(source, source.repository, 'web', { vda: before }, { takenAt: 1000 });
    const two = await protect(source, source.repository, 'web', { vda: after }, { takenAt: 2000 });
    expect((await copy(source, destination, one.point)).moved.newBytes).toBe(8 * MIB);
    const { moved, point } = await copy(source, destination, two.point);
    expect(moved.newBytes).toBeLessThan(3 * MIB);
    expect(moved.newBytes + moved.duplicateBytes).toBe(8 * MIB);
    expect((await bytesOf(destination, point, 'vda')).equals(after)).toBe(true);
  });

  test('reads nothing where a disk has nothing', async () => {
    await using labs = await openTwoLabs();
    const { source, destination } = labs;
    const disk = Buffer.alloc(200 * MIB);
    noise('island', MIB).copy(disk, 130 * MIB);
    const { point } = await protect(source, source.repository, 'web', { vda: disk });
    const copied = await copy(source, destination, point);
    expect(copied.moved.readBytes).toBeLessThanOrEqual(8 * MIB);
    expect((await bytesOf(destination, copied.point, 'vda')).equals(disk)).toBe(true);
  });

  test('of a damaged restore point names what is lost, and leaves no restore point behind', async () => {
    await using labs = await openTwoLabs();
    const { source, destination } = labs;
    const disks = { vda: noise('lost/a', 4 * MIB), vdb: noise('lost/b', 4 * MIB) };
    const { point } = await protect(source, source.repository, 'web', disks);
    const [pack = ''] = source.store.names('packs/');
    const bytes = source.store.objects.get(pack);
    if (bytes !== undefined) bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    const failure = await copy(source, destination, point).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'REPOSITORY_DAMAGED', facts: { point, target: 'source' } });
    expect(String(failure)).toMatch(/disk vd[ab] at \d+\+\d+/);
    expect(await pointsOf(destination)).toEqual([]);
    expect(destination.store.names('commits/')).toEqual([]);
  });

  test('is given up when what the destination gives back is not what the source gave', async () => {
    await using labs = await openTwoLabs();
    const { source, destination } = labs;
    const disk = noise('trusting', 2 * MIB);
    const { point } = await protect(source, source.repository, 'web', { vda: disk });
    // The destination has all of it already, and by now damaged: nobody but a reader would notice.
    await protect(destination, destination.repository, 'other', { vda: disk });
    for (const name of destination.store.names('packs/')) {
      const bytes = destination.store.objects.get(name);
      if (bytes !== undefined) bytes[2000] = (bytes[2000] ?? 0) ^ 1;
    }
    await expect(copy(source, destination, point)).rejects.toMatchObject({ code: 'VERIFY_FAILED' });
    expect(await pointsOf(destination)).toHaveLength(1);
  });

  test('that is cancelled leaves nothing behind, and goes on when it is tried again', async () => {
    await using labs = await openTwoLabs();
    const { source, destination } = labs;
    const disk = noise('cancelled', 8 * MIB);
    const { point } = await protect(source, source.repository, 'web', { vda: disk });
    const stop = new AbortController();
    let packs = 0;
    destination.store.after = (name) => {
      if (name.startsWith('packs/') && ++packs === 8) stop.abort();
    };
    const failure = await copy(source, destination, point, {}, makeCall({ signal: stop.signal })).catch(
      (thrown) => thrown,
    );
    expect(isHoldfastError(failure, 'CANCELLED')).toBe(true);
    expect(await pointsOf(destination)).toEqual([]);
    const again = await copy(source, destination, point);
    expect(again.moved.duplicateBytes).toBeGreaterThan(0);
    expect((await bytesOf(destination, again.point, 'vda')).equals(disk)).toBe(true);
  });

  test('holds leases on both sides while it goes on, and none afterwards but that of readers', async () => {
    await using labs = await openTwoLabs();
    const { source, destination } = labs;
    const { point } = await protect(source, source.repository, 'web', { vda: noise('leases', MIB) });
    const seen = new Set<string>();
    destination.store.before = (operation, name) => {
      if (operation !== 'put' || !name.startsWith('packs/')) return;
      for (const store of [source.store, destination.store]) {
        for (const lease of store.names('leases/')) if (!lease.includes('.')) seen.add(lease);
      }
    };
    const copied = await copy(source, destination, point);
    expect(seen.has(`leases/${copied.point}`)).toBe(true);
    const value = insideOf(destination.repository).documents.fetch(`leases/${copied.point}`, call);
    expect((await value).value).toMatchObject({ purpose: 'copy' });
    expect([...seen].length).toBeGreaterThanOrEqual(2);
    expect(destination.store.names('leases/')).toContain(`leases/${copied.point}.end`);
  });
});
