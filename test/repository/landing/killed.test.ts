import { join } from 'node:path';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import type { Repository } from '../../../core/repository/contract.ts';
import { openRepository } from '../../../core/repository/open.ts';
import { call, openCollectLab, SILENT_AFTER_MS } from '../collect/collect-lab.ts';
import { passphrase, restoreDisk, testOptions } from '../lab.ts';
import { noise } from '../sample-disks.ts';
import { land, text } from './landing-lab.ts';

/** More operations than one pass over this repository takes. */
const MOST = 500;

describe('a deduplication pass that is killed', () => {
  // Every n was done once, 92 of them for each moment; one in five keeps watch.
  test.each([
    ['before', 1],
    ['after', 3],
  ] as const)(
    'at the n-th operation on the store, %s it takes effect, for many n, is finished by the next one, and no restore point is lost',
    { timeout: 240_000 },
    async (moment, from) => {
      await using one = await openCollectLab({ workers: 0 });
      const disk = Buffer.concat([text('disk', 150_000), noise('disk', 150_000)]);
      await land(one, 'm1', disk, 'immediate');
      await land(one, 'm2', Buffer.concat([disk.subarray(0, 150_000), noise('own', 100_000)]));
      await land(one, 'm3', Buffer.concat([noise('own', 100_000), disk.subarray(0, 150_000)]));
      const pristine = one.store.copy();
      let rounds = 0;
      for (let n: number = from, clean = false; !clean; n += 5, rounds++) {
        expect(n).toBeLessThan(MOST);
        const store = pristine.copy();
        const open = (cache: string): Promise<Repository> => {
          const how = { packBytes: 384 * 1024, silentAfterMs: SILENT_AFTER_MS, now: () => one.clock.now, workers: 0 };
          return openRepository(
            store,
            { passphrase },
            testOptions(join(one.lab.folder, `${moment} ${n} ${cache}`), how),
            call,
          );
        };
        const dying = await open('first');
        let count = 0;
        const death = (): never => {
          throw new HoldfastError('TARGET_IO', 'the process is dead');
        };
        store.before = () => {
          count++;
          if (count > n || (moment === 'before' && count === n)) death();
        };
        store.after = () => {
          if (moment === 'after' && count === n) death();
        };
        await dying.deduplicate({}, call).catch(() => {});
        clean = count < n;
        await dying.close();
        store.before = () => {};
        store.after = () => {};
        const second = await open('second');
        try {
          // What the dead one has left is seen twice, a while apart.
          for (const work of [() => second.deduplicate({}, call), () => second.collect({}, call)]) {
            await work().catch((thrown: unknown) => {
              if (!isHoldfastError(thrown, 'COLLECTION_BUSY')) throw thrown;
            });
          }
          one.clock.now += SILENT_AFTER_MS + 1;
          await second.collect({}, call);
          expect((await second.deduplicate({}, call)).leftPacks).toBe(0);
          await second.collect({}, call);
          expect((await second.landed(call)).packs).toBe(0);
          for (const [point, bytes] of one.expected) {
            const restored = await restoreDisk(one.lab, second, point, 'vda');
            expect(restored.failure).toBeNull();
            expect(restored.bytes.equals(bytes)).toBe(true);
          }
          expect((await second.check('full', call)).damage).toEqual([]);
        } finally {
          await second.close();
        }
      }
      console.log(`a pass killed ${moment} an operation: ${rounds} rounds, 0 restore points lost`);
    },
  );
});
