import { HoldfastError, makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import type { Repository } from '../../../core/repository/contract.ts';
import { insideOf } from '../../../core/repository/copy/inside.ts';
import { Pace } from '../../../core/repository/copy/pace.ts';
import { openRepository } from '../../../core/repository/open.ts';
import { passphrase, protect, restoreDisk, testOptions } from '../lab.ts';
import { sampleDisk } from '../sample-disks.ts';
import type { MemoryStore } from '../stores.ts';
import { copy, MIB, openFamily, openTwoLabs, type TwoLabs } from './two-labs.ts';

const call = makeCall();

/** Makes every operation fail from the n-th on, as if the process had been killed there; answers how many there were. */
function killAt(store: MemoryStore, n: number): () => number {
  let count = 0;
  store.before = () => {
    if (++count >= n) throw new HoldfastError('TARGET_IO', 'the process was killed here');
  };
  return () => count;
}

/** The n-th put takes effect and fails all the same, and so does everything after it. */
function killAfterPut(store: MemoryStore, n: number): void {
  let count = 0;
  let isDead = false;
  store.before = () => {
    if (isDead) throw new HoldfastError('TARGET_IO', 'the process was killed here');
  };
  store.after = () => {
    if (++count < n) return;
    isDead = true;
    throw new HoldfastError('TARGET_IO', 'the process was killed here');
  };
}

/** Works with the destination as a process of its own would: what it knows dies with it. */
async function inAnotherProcess<T>(
  labs: TwoLabs,
  cache: string,
  work: (destination: Repository) => Promise<T>,
): Promise<T | Error> {
  const options = testOptions(`${labs.destination.folder}/${cache}`, { target: 'destination', workers: 0 });
  let repository: Repository | null = null;
  try {
    repository = await openRepository(labs.destination.store, { passphrase }, options, call);
    return await work(repository);
  } catch (failure) {
    if (failure instanceof Error) return failure;
    throw failure;
  } finally {
    await repository?.close();
  }
}

describe.each([
  ['a family', openFamily],
  ['strangers', openTwoLabs],
] as const)('a copy between %s', (_, open) => {
  test.each([
    ['before', killAt],
    ['after a put of', killAfterPut],
  ] as const)(
    'that is killed %s any operation of the destination is there once when it is tried again, byte for byte',
    async (_when, kill) => {
      await using labs = await open({ workers: 0 });
      const { source, destination } = labs;
      const disk = sampleDisk('killed', 2 * MIB);
      const { point } = await protect(source, source.repository, 'web', { vda: disk });
      const empty = destination.store.copy();
      let attempts = 0;
      for (let n = 1; ; n++) {
        destination.store.objects.clear();
        for (const [name, bytes] of empty.objects) destination.store.objects.set(name, Uint8Array.from(bytes));
        kill(destination.store, n);
        const first = await inAnotherProcess(labs, `killed-${n}`, (repository) =>
          copy(labs.source, { repository }, point),
        );
        destination.store.before = () => {};
        destination.store.after = () => {};
        attempts++;
        const again = await inAnotherProcess(labs, `again-${n}`, async (repository) => {
          const copied = await copy(source, { repository }, point);
          const points = await repository.points({}, call);
          const { bytes, failure } = await restoreDisk(destination, repository, copied.point, 'vda');
          return { points: points.length, isWhole: failure === null && bytes.equals(disk) };
        });
        expect(again, `operation ${n}`).toEqual({ points: 1, isWhole: true });
        if (!(first instanceof Error)) break;
      }
      expect(attempts).toBeGreaterThan(5);
    },
    300_000,
  );
});

describe('a copy', () => {
  test('that was fenced by a collector never appears', async () => {
    await using labs = await openTwoLabs();
    const { source, destination } = labs;
    const { point } = await protect(source, source.repository, 'web', { vda: sampleDisk('fenced', MIB) });
    const { documents } = insideOf(destination.repository);
    destination.store.before = (operation, name) => {
      if (operation !== 'put' || !name.startsWith('manifests/')) return;
      destination.store.before = () => {};
      const lease = destination.store.names('leases/').find((one) => /^leases\/[0-9a-f]{32}$/.test(one)) ?? '';
      const commit = lease.replace('leases/', 'commits/');
      const fenced = { version: 1, lease: lease.slice('leases/'.length), state: 'fenced', fencedAt: 1 };
      destination.store.objects.set(commit, documents.seal(commit, fenced).sealed);
    };
    await expect(copy(source, destination, point)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await destination.repository.points({}, call)).toEqual([]);
    expect((await copy(source, destination, point)).wasThere).toBe(false);
  });

  test('finds what a copy that was broken off has stored, and stores none of it again', async () => {
    await using labs = await openFamily();
    const { source, destination } = labs;
    const { point } = await protect(source, source.repository, 'web', { vda: sampleDisk('found', 8 * MIB) });
    destination.store.before = (operation, name) => {
      if (operation === 'put' && name.startsWith('manifests/')) throw new HoldfastError('TARGET_IO', 'killed');
    };
    await expect(copy(source, destination, point)).rejects.toMatchObject({ code: 'TARGET_IO' });
    destination.store.before = () => {};
    const packs = destination.store.names('packs/');
    const fresh = await destination.reopen(undefined, 'fresh');
    const again = await copy(source, { repository: fresh }, point);
    expect(again.moved.newBytes).toBe(0);
    expect(destination.store.names('packs/')).toEqual(packs);
    expect((await fresh.check('full', call)).damage).toEqual([]);
  });

  test('that must go slowly waits for its turn, and not when it is cancelled', async () => {
    const stop = new AbortController();
    const pace = new Pace(1, stop.signal);
    await pace.take(1_000_000);
    const waiting = pace.take(1);
    setTimeout(() => stop.abort(), 20);
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    await new Pace(null, stop.signal).take(1_000_000);
  });
});
