import { rm } from 'node:fs/promises';
import { HoldfastError, makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import type { PointWriter, Repository } from '../../../core/repository/contract.ts';
import { insideOf } from '../../../core/repository/copy/inside.ts';
import { machine } from '../paper.ts';
import { emptyImage, noise, rawImage } from '../sample-disks.ts';
import { type CollectLab, call, halfNew, MIB, openCollectLab, SILENT_AFTER_MS } from './collect-lab.ts';

/** Writes a disk into a restore point that is not committed yet. */
async function begin(one: CollectLab, id: string, bytes: Buffer, repository: Repository): Promise<PointWriter> {
  const writer = await repository.begin({ endpoint: 'lab', id }, call);
  const source = await rawImage(one.lab.folder, `${writer.id}.raw`, bytes);
  await writer.write('vda', source, {}, call);
  await rm(source.path);
  return writer;
}

async function commit(one: CollectLab, id: string, bytes: Buffer, writer: PointWriter): Promise<void> {
  const disks = [{ key: 'vda', sizeBytes: bytes.length, format: 'raw', changeToken: null }] as const;
  const takenAt = one.clock.now++;
  const meta = {
    machine: machine(id),
    endpoint: 'lab',
    takenAt,
    consistency: 'crash',
    frozenMs: 0,
    run: 'r',
    disks,
  } as const;
  const { point } = await writer.commit(meta, call);
  one.expected.set(point, bytes);
}

/** Stops the first operation that fits, until it is let go. */
function gate(one: CollectLab, fits: (operation: string, name: string) => boolean) {
  const reached = Promise.withResolvers<void>();
  const open = Promise.withResolvers<void>();
  let isUsed = false;
  one.store.before = async (operation, name) => {
    if (isUsed || !fits(operation, name)) return;
    isUsed = true;
    reached.resolve();
    await open.promise;
  };
  return { reached: reached.promise, open: open.resolve };
}

/** Two restore points of which the first, that alone reaches half of the packs, is forgotten. */
async function withDeadPacks(one: CollectLab): Promise<Buffer> {
  const dead = noise('dead', MIB);
  const gone = await one.protect('m1', dead);
  await one.protect('m1', noise('alive', MIB));
  await one.lab.repository.forget([gone.point], 'test', call);
  one.expected.delete(gone.point);
  return dead;
}

describe('a writer that comes to need packs that are being collected', () => {
  test('because it began before they were condemned is waited for, and they are kept for it', async () => {
    await using one = await openCollectLab();
    const dead = await withDeadPacks(one);
    const other = await one.lab.reopen(undefined, 'another machine');
    const writer = await begin(one, 'm2', dead, other);
    const report = await one.collect();
    expect(report.awaited).toMatchObject([{ lease: writer.id, purpose: 'backup' }]);
    expect(report.sweptPacks).toBe(0);
    expect(report.condemnedPacks).toBeGreaterThan(0);
    await commit(one, 'm2', dead, writer);
    const later = await one.collect();
    expect(later.decided.map(({ fate }) => fate)).toContain('reprieved');
    expect(later.sweptPacks).toBe(0);
    await one.expectWhole();
  });

  test('because it began before, and commits while the collection waits, loses nothing', async () => {
    await using one = await openCollectLab();
    const dead = await withDeadPacks(one);
    const other = await one.lab.reopen(undefined, 'another machine');
    const writer = await begin(one, 'm2', dead, other);
    const waiting = Promise.withResolvers<void>();
    const progress = ({ phase }: { phase: string }): void => {
      if (phase.startsWith('waiting for 1')) waiting.resolve();
    };
    const collecting = one.lab.repository.collect({ waitMs: 60_000 }, makeCall({ progress }));
    await waiting.promise;
    await commit(one, 'm2', dead, writer);
    const report = await collecting;
    expect(report.awaited).toEqual([]);
    expect(report.decided.map(({ fate }) => fate)).toContain('reprieved');
    await one.expectWhole();
  });

  test.each([
    [
      'the tombstone is put',
      (operation: string, name: string) => operation === 'put' && /^tombstones\/[0-9]+$/.test(name),
    ],
    [
      'the leases are written down',
      (operation: string, name: string) => operation === 'put' && name.endsWith('.leases'),
    ],
    ['the restore points are read a second time', secondListing()],
    ['the index is tidied', (operation: string, name: string) => operation === 'list' && name === 'index/'],
    [
      'the first pack is removed',
      (operation: string, name: string) => operation === 'remove' && name.startsWith('packs/'),
    ],
    [
      'the tombstone is removed',
      (operation: string, name: string) => operation === 'remove' && name.startsWith('tombstones/'),
    ],
  ])('and begins and commits just before %s loses nothing', async (_when, fits) => {
    await using one = await openCollectLab();
    const dead = await withDeadPacks(one);
    const other = await one.lab.reopen(undefined, 'another machine');
    await other.points({}, call);
    const stop = gate(one, fits);
    const collecting = one.collect();
    await stop.reached;
    const writer = await begin(one, 'm2', dead, other);
    await commit(one, 'm2', dead, writer);
    stop.open();
    await collecting;
    await one.expectWhole();
    await one.collect();
    await one.expectWhole();
  });

  test('whose disk is read again after the packs were removed under a cache that still names them stores it anew', async () => {
    await using one = await openCollectLab();
    const dead = await withDeadPacks(one);
    const other = await one.lab.reopen(undefined, 'another machine');
    await other.stats(call);
    await one.collect();
    await commit(one, 'm2', dead, await begin(one, 'm2', dead, other));
    await one.expectWhole();
  });
});

/** The second time that restore points are listed after the tombstone was put. */
function secondListing(): (operation: string, name: string) => boolean {
  let isCondemned = false;
  return (operation, name) => {
    if (operation === 'put' && name.endsWith('.leases')) isCondemned = true;
    return isCondemned && operation === 'list' && name === 'forgotten/';
  };
}

describe('a writer that is silent', () => {
  test('is fenced once it has been seen to be silent for long enough, can never commit, and what it has put is removed', async () => {
    await using one = await openCollectLab();
    await one.protect('m1', noise('alive', MIB));
    const packs = one.store.names('packs/');
    const other = await one.lab.reopen(undefined, 'another machine');
    const bytes = noise('late', MIB);
    const writer = await begin(one, 'm2', bytes, other);
    expect((await one.collect()).fenced).toEqual([]);
    one.clock.now += SILENT_AFTER_MS - 1;
    expect((await one.collect()).fenced).toEqual([]);
    one.clock.now += SILENT_AFTER_MS;
    const report = await one.collect();
    expect(report.fenced).toEqual([writer.id]);
    await expect(commit(one, 'm2', bytes, writer)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await one.collect();
    expect(one.store.names('packs/')).toEqual(packs);
    await one.expectWhole();
    // The fence outlives everything else of it.
    expect(one.store.names(`commits/${writer.id}`)).toHaveLength(1);
    expect(one.store.names(`leases/${writer.id}`)).toEqual([]);
  });

  test('but shows a sign of life between two looks is not fenced', async () => {
    await using one = await openCollectLab();
    const other = await one.lab.reopen(undefined, 'another machine');
    const bytes = noise('slow', MIB / 2);
    const writer = await begin(one, 'm2', bytes, other);
    await one.collect();
    const lease = one.store.objects.get(`leases/${writer.id}`) as Uint8Array;
    for (let round = 1; round <= 3; round++) {
      one.clock.now += SILENT_AFTER_MS + 1;
      // Its bytes do not authenticate under this name; that somebody puts them is what counts.
      one.store.objects.set(`leases/${writer.id}.${round}`, lease);
      expect((await one.collect()).fenced).toEqual([]);
    }
    await commit(one, 'm2', bytes, writer);
    await one.collect();
    await one.expectWhole();
  });

  test('and asks to be waited for longer than a day is not', async () => {
    await using one = await openCollectLab();
    const { documents } = insideOf(one.lab.repository);
    const lease = 'a'.repeat(32);
    const content = { version: 1, lease, purpose: 'backup', host: 'h', pid: 1, startedAt: 1 };
    await documents.put(documents.seal(`leases/${lease}`, { ...content, silentAfterMs: 2 ** 52 }), call);
    await one.collect();
    one.clock.now += 24 * 3_600_000 - 1;
    expect((await one.collect()).fenced).toEqual([]);
    one.clock.now += 24 * 3_600_000;
    expect((await one.collect()).fenced).toEqual([lease]);
  });

  test('according to a clock that has jumped a year back is not fenced for that', async () => {
    await using one = await openCollectLab();
    const other = await one.lab.reopen(undefined, 'another machine');
    const writer = await begin(one, 'm2', noise('x', MIB / 4), other);
    await one.collect();
    one.clock.now -= 365 * 24 * 3_600_000;
    expect((await one.collect()).fenced).toEqual([]);
    await writer.abandon(call);
  });
});

describe('two collections', () => {
  test('at once: the second one is refused', async () => {
    await using one = await openCollectLab();
    await withDeadPacks(one);
    const other = await one.lab.reopen(undefined, 'another machine');
    const stop = gate(one, (operation, name) => operation === 'put' && name.startsWith('tombstones/'));
    const first = one.collect();
    await stop.reached;
    await expect(other.collect({}, call)).rejects.toMatchObject({ code: 'COLLECTION_BUSY' });
    stop.open();
    expect((await first).sweptPacks).toBeGreaterThan(0);
    await one.expectWhole();
  });

  test.each([
    [
      'the tombstone is put',
      (operation: string, name: string) => operation === 'put' && /^tombstones\/[0-9]+$/.test(name),
    ],
    [
      'the first pack is removed',
      (operation: string, name: string) => operation === 'remove' && name.startsWith('packs/'),
    ],
    [
      'the tombstone is removed',
      (operation: string, name: string) => operation === 'remove' && name.startsWith('tombstones/'),
    ],
  ])(
    'of which the first is stopped before %s, taken for dead, and goes on later: nothing is lost',
    async (_when, fits) => {
      await using one = await openCollectLab();
      const dead = await withDeadPacks(one);
      const other = await one.lab.reopen(undefined, 'another machine');
      const stop = gate(one, fits);
      const first = one.collect({ repackBelow: 0.9 }).catch((thrown: unknown) => thrown);
      await stop.reached;
      await expect(other.collect({}, call)).rejects.toMatchObject({ code: 'COLLECTION_BUSY' });
      one.clock.now += SILENT_AFTER_MS + 1;
      await other.collect({ repackBelow: 0.9 }, call);
      await commit(one, 'm2', dead, await begin(one, 'm2', dead, other));
      await one.protect('m3', halfNew(dead), other);
      stop.open();
      await first;
      await one.expectWhole();
      await one.collect({}, other);
      await one.expectWhole();
    },
  );
});

describe('a reader', () => {
  test('that had begun before is waited for, and can read what was forgotten meanwhile', async () => {
    await using one = await openCollectLab();
    const bytes = noise('read', MIB);
    const old = await one.protect('m1', bytes);
    await one.protect('m1', noise('newer', MIB));
    const other = await one.lab.reopen(undefined, 'another machine');
    const reading = other.read(old.point, 'vda', null, call)[Symbol.asyncIterator]();
    const first = await reading.next();
    await one.lab.repository.forget([old.point], 'test', call);
    one.expected.delete(old.point);
    const report = await one.collect();
    expect(report.sweptPacks).toBe(0);
    expect(report.awaited).toMatchObject([{ purpose: 'read' }]);
    const parts = [Buffer.from(first.value as Uint8Array)];
    for (let next = await reading.next(); next.done !== true; next = await reading.next())
      parts.push(Buffer.from(next.value));
    expect(Buffer.concat(parts).equals(bytes)).toBe(true);
    await one.expectWhole();
  });

  test('that was taken for dead gets LEASE_LOST, not damage', async () => {
    await using one = await openCollectLab();
    const old = await one.protect('m1', noise('read', MIB));
    await one.protect('m1', noise('newer', MIB));
    const other = await one.lab.reopen(undefined, 'another machine');
    const stop = gate(one, (operation, name) => operation === 'get' && name.startsWith('packs/'));
    const image = await emptyImage(one.lab.folder, 'lost.raw', MIB);
    const restoring = other.restore(old.point, 'vda', image.sink, call).catch((thrown: unknown) => thrown);
    await stop.reached;
    await one.lab.repository.forget([old.point], 'test', call);
    one.expected.delete(old.point);
    await one.collect();
    one.clock.now += SILENT_AFTER_MS + 1;
    expect((await one.collect()).sweptPacks).toBeGreaterThan(0);
    stop.open();
    expect(await restoring).toMatchObject({ code: 'LEASE_LOST' });
    await one.expectWhole();
  });
});

const withoutLeases = ({ store }: CollectLab): string[] => store.names().filter((name) => !name.startsWith('leases/'));

describe('what cannot be read', () => {
  test.each(['commits/', 'manifests/', 'packs/'])('in %s keeps everything from being condemned', async (prefix) => {
    await using one = await openCollectLab();
    await withDeadPacks(one);
    const alive = [...one.expected.keys()];
    // Of a restore point that is forgotten nothing is needed any more.
    const victims = one.store
      .names(prefix)
      .filter((name) => prefix !== 'commits/' || alive.some((id) => name.endsWith(id)));
    let refused = 0;
    for (const name of victims) {
      const whole = one.store.objects.get(name);
      // Some were dead, and are gone by now.
      if (whole === undefined) continue;
      const damaged = Uint8Array.from(whole);
      damaged.fill(0x55, 60, Math.min(damaged.length, 2000));
      damaged.fill(0x55, Math.max(60, damaged.length - 2000));
      one.store.objects.set(name, damaged);
      const before = withoutLeases(one);
      const fresh = await one.lab.reopen(undefined, `cache for ${name.replaceAll('/', ' ')}`);
      const outcome = await fresh.collect({}, call).catch((thrown: unknown) => thrown);
      await fresh.close();
      if (one.store.objects.has(name)) one.store.objects.set(name, whole);
      if (!(outcome instanceof HoldfastError)) continue;
      refused++;
      expect(outcome.code).toBe('REPOSITORY_DAMAGED');
      expect(withoutLeases(one)).toEqual(before);
    }
    expect(refused).toBeGreaterThan(0);
    if (prefix === 'commits/') expect(refused).toBe(victims.length);
    await one.collect();
    await one.expectWhole();
  });
});
