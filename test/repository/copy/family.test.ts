import { join } from 'node:path';
import { makeCall, type Progress } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { insideOf } from '../../../core/repository/copy/inside.ts';
import { openRepository } from '../../../core/repository/open.ts';
import { protect, testOptions } from '../lab.ts';
import { changedDisk, noise, sampleDisk } from '../sample-disks.ts';
import { bytesOf, copy, MIB, openFamily, pointsOf } from './two-labs.ts';

const call = makeCall();

describe('repositories of one family', () => {
  test('share how chunks are named and cut, and neither identity nor data keys nor passphrase', async () => {
    await using labs = await openFamily();
    const [a, b] = [labs.source, labs.destination].map((lab) => insideOf(lab.repository));
    expect(a?.format.suite.repositoryId).not.toBe(b?.format.suite.repositoryId);
    expect(Buffer.from(a?.secrets.family ?? [])).toEqual(Buffer.from(b?.secrets.family ?? []));
    expect(Buffer.from(a?.secrets.generations[1] ?? [])).not.toEqual(Buffer.from(b?.secrets.generations[1] ?? []));
    const cache = testOptions(join(labs.source.folder, 'wrong'));
    const words = { recoveryWords: labs.source.words };
    await expect(openRepository(labs.destination.store, words, cache, call)).rejects.toMatchObject({
      code: 'RECOVERY_WORDS_WRONG',
    });
  });

  test('take copies over with equal maps, byte for byte', async () => {
    await using labs = await openFamily();
    const { source, destination } = labs;
    const disks = { vda: sampleDisk('kin', 9 * MIB + 512), vdb: Buffer.alloc(70 * MIB), vdc: noise('kin', MIB) };
    const { point } = await protect(source, source.repository, 'web', disks);
    const warnings: string[] = [];
    const telling = makeCall({ log: (level, text) => void (level === 'warn' && warnings.push(text)) });
    const copied = await copy(source, destination, point, {}, telling);
    expect(copied).toMatchObject({ wasThere: false, relation: 'family' });
    expect(warnings).toEqual([]);
    const [listed] = await pointsOf(destination);
    expect(listed?.disks.map(({ changeToken }) => changeToken)).toEqual([null, null, null]);
    const maps = [];
    for (const [lab, id] of [
      [source, point],
      [destination, copied.point],
    ] as const) {
      const { points } = insideOf(lab.repository);
      const { disks: described } = await points.manifest(await points.find(id, call), call);
      maps.push(described.map(({ map, root, chunks }) => ({ map, root, chunks })));
    }
    expect(maps[1]).toEqual(maps[0]);
    for (const [key, bytes] of Object.entries(disks)) {
      expect((await bytesOf(destination, copied.point, key)).equals(bytes)).toBe(true);
    }
    expect((await destination.repository.check('full', call)).damage).toEqual([]);
    expect(await copy(destination, source, copied.point)).toMatchObject({ point, wasThere: true });
    expect(await copy(source, destination, point)).toMatchObject({ point: copied.point, wasThere: true });
  });

  test('tell how far a copy has got of all the data of each disk, and how long it will take', async () => {
    await using labs = await openFamily();
    const { source, destination } = labs;
    const vda = noise('progress', 6 * MIB);
    await protect(destination, destination.repository, 'sibling', { vda: vda.subarray(0, 2 * MIB) });
    const { point } = await protect(source, source.repository, 'web', { vda, vdb: noise('progress b', MIB) });
    const told: Progress[] = [];
    await copy(
      source,
      destination,
      point,
      { bytesPerSecond: 8 * MIB },
      makeCall({ progress: (one) => told.push(one) }),
    );
    const first = told.filter(({ totalBytes }) => totalBytes === 6 * MIB).map(({ doneBytes = -1 }) => doneBytes);
    expect(first.length).toBeGreaterThan(2);
    expect(first).toEqual(first.toSorted((a, b) => a - b));
    expect(first[0]).toBeGreaterThanOrEqual(2 * MIB - 256 * 1024);
    expect(first.at(-1)).toBe(6 * MIB);
    expect(told.some(({ etaMs = 0, bytesPerSecond = 0 }) => etaMs > 0 && bytesPerSecond > 0)).toBe(true);
    expect(told.at(-1)).toMatchObject({ doneBytes: MIB, totalBytes: MIB, etaMs: 0 });
  });

  test('let only those chunks travel that are missing, whoever brought the others', async () => {
    await using labs = await openFamily();
    const { source, destination } = labs;
    const before = noise('travel', 8 * MIB);
    const { disk: after } = changedDisk(before, 'travel', 4);
    // The destination protects a sibling by itself.
    await protect(destination, destination.repository, 'sibling', { vda: before });
    const { point } = await protect(source, source.repository, 'web', { vda: after });
    const packs = new Set(destination.store.names('packs/'));
    const { moved, point: there } = await copy(source, destination, point);
    expect(moved.newBytes).toBeLessThan(2 * MIB);
    expect(moved.newBytes + moved.duplicateBytes).toBe(8 * MIB);
    const fresh = destination.store.names('packs/').filter((name) => !packs.has(name));
    const bytes = fresh.reduce((sum, name) => sum + (destination.store.objects.get(name)?.length ?? 0), 0);
    expect(bytes).toBeLessThan(2 * MIB);
    expect((await bytesOf(destination, there, 'vda')).equals(after)).toBe(true);
  });

  test('put nothing but documents for what is there already, disk maps and all', async () => {
    await using labs = await openFamily();
    const { source, destination } = labs;
    const disk = sampleDisk('equal', 4 * MIB);
    await protect(destination, destination.repository, 'sibling', { vda: disk });
    const { point } = await protect(source, source.repository, 'web', { vda: disk });
    const packs = destination.store.names('packs/');
    expect((await copy(source, destination, point)).moved).toMatchObject({ readBytes: 0, newBytes: 0, storedBytes: 0 });
    expect(destination.store.names('packs/')).toEqual(packs);
  });

  test('give a copy up when the destination has lost the map that it was to share', async () => {
    await using labs = await openFamily();
    const { source, destination } = labs;
    const disk = noise('shared map', MIB);
    await protect(destination, destination.repository, 'sibling', { vda: disk });
    const { point } = await protect(source, source.repository, 'web', { vda: disk });
    for (const name of destination.store.names('packs/')) {
      const bytes = destination.store.objects.get(name);
      // Every record: what is data and what is map looks alike.
      for (let at = 100; bytes !== undefined && at < bytes.length; at += 200) bytes[at] = (bytes[at] ?? 0) ^ 1;
    }
    const blind = await destination.reopen();
    await expect(copy(source, { repository: blind }, point)).rejects.toMatchObject({ code: 'VERIFY_FAILED' });
    expect(await pointsOf(destination)).toHaveLength(1);
  });

  test('keep what they have when their relative is gone', async () => {
    await using labs = await openFamily();
    const { source, destination } = labs;
    const disk = sampleDisk('orphan', 4 * MIB);
    const { point } = await protect(source, source.repository, 'web', { vda: disk });
    const copied = await copy(source, destination, point);
    source.store.objects.clear();
    const alone = await destination.reopen({ recoveryWords: destination.words }, 'elsewhere');
    expect((await alone.verify(copied.point, call)).damage).toEqual([]);
    expect((await bytesOf({ ...destination, repository: alone }, copied.point, 'vda')).equals(disk)).toBe(true);
  });

  test('refuse a damaged restore point with what is lost of it', async () => {
    await using labs = await openFamily();
    const { source, destination } = labs;
    const { point } = await protect(source, source.repository, 'web', { vda: noise('kin lost', 4 * MIB) });
    const [pack = ''] = source.store.names('packs/');
    const bytes = source.store.objects.get(pack);
    if (bytes !== undefined) bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    const failure = await copy(source, destination, point).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: 'REPOSITORY_DAMAGED', facts: { point, target: 'source' } });
    expect(String(failure)).toMatch(/disk vda at \d+\+\d+/);
    expect(await pointsOf(destination)).toEqual([]);
    expect(destination.store.names('commits/')).toEqual([]);
  });

  test('copy a restore point whose damaged chunk lies whole in another pack', async () => {
    await using labs = await openFamily();
    const { source, destination } = labs;
    const disk = noise('twice', 2 * MIB);
    // Two writers at once that know nothing of each other store everything twice.
    const other = await source.reopen(undefined, 'other');
    const writer = await other.begin({ endpoint: 'lab', id: 'web' }, call);
    await writer.abandon(call);
    const first = await protect(source, source.repository, 'web', { vda: disk }, { takenAt: 1000 });
    const kept = new Map(source.store.objects);
    for (const name of [...source.store.names('packs/'), ...source.store.names('index/')])
      source.store.objects.delete(name);
    const blind = await source.reopen(undefined, 'blind');
    await protect(source, blind, 'web', { vda: disk }, { takenAt: 2000 });
    for (const [name, bytes] of kept) source.store.objects.set(name, bytes);
    for (const name of kept.keys()) {
      const bytes = source.store.objects.get(name);
      if (name.startsWith('packs/') && bytes !== undefined) bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    }
    const copied = await copy({ repository: await source.reopen(undefined, 'fresh') }, destination, first.point);
    expect(copied.wasThere).toBe(false);
    expect((await bytesOf(destination, copied.point, 'vda')).equals(disk)).toBe(true);
  });
});
