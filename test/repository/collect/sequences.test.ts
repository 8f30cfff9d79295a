import { rm } from 'node:fs/promises';
import { isHoldfastError } from '@holdfast/api';
import { array, assert, asyncProperty, constantFrom, integer, oneof, record } from 'fast-check';
import { expect, test } from 'vitest';
import type { PointWriter, Repository } from '../../../core/repository/contract.ts';
import { machine } from '../paper.ts';
import { changedDisk, noise, rawImage } from '../sample-disks.ts';
import { call, halfNew, openCollectLab, SILENT_AFTER_MS } from './collect-lab.ts';

const BYTES = 384 * 1024;
const MACHINES = 2;
const SEEDS = 30;

const step = oneof(
  record({
    act: constantFrom('protect', 'begin'),
    who: integer({ min: 0, max: MACHINES - 1 }),
    disk: integer({ min: 0, max: SEEDS * 3 - 1 }),
  }),
  record({ act: constantFrom('commit', 'commit', 'abandon'), which: integer({ min: 0, max: 3 }) }),
  record({ act: constantFrom('revive', 'revive', 'forget'), which: integer({ min: 0, max: 9 }) }),
  record({ act: constantFrom('collect'), repackBelow: constantFrom(0, 0.5, 0.95) }),
  record({ act: constantFrom('sleep') }),
);

/** One of a few disks that share much with one another. */
function diskOf(number: number): Buffer {
  const base = noise(`base ${number % SEEDS}`, BYTES);
  if (number < SEEDS) return base;
  return number < SEEDS * 2 ? halfNew(base, `half ${number}`) : changedDisk(base, `change ${number}`, 4).disk;
}

test('any sequence of backups, forgets, writers that linger or die, and collections leaves every restore point whole', async () => {
  let collected = 0;
  let revived = 0;
  let reprieved = 0;
  await assert(
    asyncProperty(array(step, { minLength: 8, maxLength: 24, size: 'max' }), async (steps) => {
      await using one = await openCollectLab({ workers: 0, packBytes: 160 * 1024 });
      const other = await one.lab.reopen(undefined, 'another machine');
      /** By machine, the oldest first. */
      const points = new Map<string, string[]>();
      const writers: { readonly id: string; readonly writer: PointWriter; readonly bytes: Buffer }[] = [];
      const add = (id: string, point: string): void => void points.set(id, [...(points.get(id) ?? []), point]);
      const begin = async (id: string, bytes: Buffer, repository: Repository): Promise<void> => {
        const writer = await repository.begin({ endpoint: 'lab', id }, call);
        const source = await rawImage(one.lab.folder, `${writer.id}.raw`, bytes);
        await writer.write('vda', source, {}, call);
        await rm(source.path);
        writers.push({ id, writer, bytes });
      };
      for (const what of steps) {
        const repository = one.clock.now % 2 === 0 ? one.lab.repository : other;
        if ('disk' in what && what.act === 'protect') {
          const id = `m${what.who}`;
          add(id, (await one.protect(id, diskOf(what.disk), repository)).point);
        } else if ('disk' in what) {
          await begin(`m${what.who}`, diskOf(what.disk), repository);
        } else if (what.act === 'commit' || what.act === 'abandon') {
          const [open] = writers.splice(what.which % Math.max(1, writers.length), 1);
          if (open === undefined) continue;
          const disks = [{ key: 'vda', sizeBytes: BYTES, format: 'raw', changeToken: null }] as const;
          const meta = { endpoint: 'lab', consistency: 'crash', frozenMs: 0, run: 'r', disks } as const;
          try {
            if (what.act === 'commit') {
              const { point } = await open.writer.commit(
                { ...meta, machine: machine(open.id), takenAt: one.clock.now++ },
                call,
              );
              one.expected.set(point, open.bytes);
              add(open.id, point);
            }
          } catch (thrown) {
            if (!isHoldfastError(thrown, 'LEASE_LOST')) throw thrown;
          } finally {
            await open.writer.abandon(call);
          }
        } else if (what.act === 'forget' || what.act === 'revive') {
          const old = [...points.values()].flatMap((all) => all.slice(0, -1));
          const point = old[what.which % Math.max(1, old.length)];
          if (point === undefined) continue;
          const bytes = one.expected.get(point);
          await repository.forget([point], 'test', call);
          one.expected.delete(point);
          for (const [id, all] of points)
            points.set(
              id,
              all.filter((left) => left !== point),
            );
          if (what.act === 'forget' || bytes === undefined) continue;
          // Somebody comes to need what nobody needs, just before it is condemned.
          await begin('m9', bytes, repository);
          await one.collect({}, other);
          collected++;
          revived++;
        } else if ('repackBelow' in what) {
          const { decided } = await one.collect({ repackBelow: what.repackBelow }, repository);
          reprieved += decided.filter(({ fate }) => fate === 'reprieved').length;
          collected++;
        } else one.clock.now += SILENT_AFTER_MS + 1;
      }
      for (const { writer } of writers) await writer.abandon(call);
      await one.expectWhole('of the dead');
      // Once nobody is at work, two collections leave nothing behind that a restore point does not reach.
      one.clock.now += SILENT_AFTER_MS + 1;
      const first = await one.collect({}, other);
      reprieved += first.decided.filter(({ fate }) => fate === 'reprieved').length;
      const last = await one.collect({}, other);
      expect(last.sweptPacks + last.condemnedPacks).toBe(0);
      expect(one.store.names('tombstones/')).toEqual([]);
      await one.expectWhole();
      await other.close();
    }),
    { numRuns: 40, seed: 20_261_122 },
  );
  expect(collected).toBeGreaterThan(10);
  expect(revived).toBeGreaterThan(0);
  console.log(
    `${collected} collections, ${revived} writers that came to need what was condemned, ${reprieved} packs reprieved at the end`,
  );
}, 300_000);
