import { join } from 'node:path';
import { HoldfastError, isHoldfastError, makeCall } from '@holdfast/api';
import { expect } from 'vitest';
import type { CollectOptions } from '../../../core/repository/collect/contract.ts';
import type { Repository } from '../../../core/repository/contract.ts';
import { openRepository } from '../../../core/repository/open.ts';
import { passphrase, restoreDisk, testOptions } from '../lab.ts';
import { noise } from '../sample-disks.ts';
import type { MemoryStore } from '../stores.ts';
import { halfNew, openCollectLab, SILENT_AFTER_MS } from './collect-lab.ts';

const call = makeCall();
/** More operations than one collection of this repository takes. */
const MOST = 2000;
const options: CollectOptions = { repackBelow: 0.9 };

/** A store whose process dies at its n-th operation: nothing of it gets through any more. */
function dieAt(store: MemoryStore, n: number, moment: 'before' | 'after'): { readonly reached: () => boolean } {
  let count = 0;
  const death = (): void => {
    throw new HoldfastError('TARGET_IO', 'the process is dead');
  };
  store.before = () => {
    count++;
    if (count > n || (moment === 'before' && count === n)) death();
  };
  // Of an operation that has taken effect the dead process does not hear.
  store.after = () => {
    if (moment === 'after' && count === n) death();
  };
  return { reached: () => count >= n };
}

/**
 * Kills a collection at its n-th operation on the store, for n from `from` on, each `step`, until one is not killed any more; the next one must finish it, and no
 * restore point may be lost.
 */
export async function killAtOperations(
  moment: 'before' | 'after',
  { from, step }: { readonly from: number; readonly step: number },
): Promise<void> {
  await using one = await openCollectLab({ workers: 0 });
  const base = noise('base', 1024 * 1024);
  const gone = await one.protect('m1', base);
  await one.protect('m1', halfNew(base));
  const other = await one.protect('m2', noise('other', 300_000));
  await one.protect('m2', noise('another', 300_000));
  await one.lab.repository.forget([gone.point, other.point], 'test', call);
  one.expected.delete(gone.point);
  one.expected.delete(other.point);
  const pristine = one.store.copy();
  let rounds = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (let n = from, clean = false; !clean; n += step) {
    expect(n).toBeLessThan(MOST);
    const store = pristine.copy();
    const open = (cache: string): Promise<Repository> => {
      const how = { packBytes: 384 * 1024, silentAfterMs: SILENT_AFTER_MS, now: () => one.clock.now, workers: 0 };
      const folder = join(one.lab.folder, `${moment} ${n} ${cache}`);
      return openRepository(store, { passphrase }, testOptions(folder, how), call);
    };
    const first = await open('first');
    const death = dieAt(store, n, moment);
    const outcome = await first.collect(options, call).catch((thrown: unknown) => thrown);
    clean = !death.reached();
    await first.close();
    store.before = () => {};
    store.after = () => {};
    if (!clean && moment === 'before' && n < 5) expect(outcome).toBeInstanceOf(Error);
    const second = await open('second');
    try {
      // What the dead one has left is seen twice, a while apart.
      await second.collect(options, call).catch((thrown: unknown) => {
        if (!isHoldfastError(thrown, 'COLLECTION_BUSY')) throw thrown;
      });
      one.clock.now += SILENT_AFTER_MS + 1;
      await second.collect(options, call);
      await second.collect(options, call);
      const points = await second.points({}, call);
      expect(points.map(({ point }) => point).sort()).toEqual([...one.expected.keys()].sort());
      for (const [point, bytes] of one.expected) {
        const restored = await restoreDisk(one.lab, second, point, 'vda');
        expect(restored.failure).toBeNull();
        expect(restored.bytes.equals(bytes)).toBe(true);
      }
      expect((await second.check('fast', call)).damage).toEqual([]);
      expect(store.names('tombstones/')).toEqual([]);
      const packs = store.names('packs/').length;
      smallest = Math.min(smallest, packs);
      expect(packs).toBeLessThan(pristine.names('packs/').length);
      rounds++;
    } finally {
      await second.close();
    }
  }
  console.log(`killed ${moment} an operation: ${rounds} rounds, 0 restore points lost, ${smallest} packs left`);
}
