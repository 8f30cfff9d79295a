import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isHoldfastError, makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../repository/paper.ts';
import { noise } from '../repository/sample-disks.ts';
import { collectOnce } from './acts.ts';
import { BALLAST, backup, makeRepository, type Places, protectRound, prove, withRepository } from './backup.ts';
import { endsFull, fillUp, freeBytes, makeRoom, smallDisk, whyNoMount } from './full-disk.ts';
import { giveBack } from './kill-collections.ts';
import { emptyRepository } from './kill-rounds.ts';

const MIB = 1024 * 1024;
const SIZE_BYTES = 3 * MIB;

const missing = whyNoMount();
if (missing !== null) console.log(`NOT RUN: full disks, because ${missing}`);
const unless = missing === null ? '' : ` (NOT RUN: ${missing})`;

interface Mounted extends AsyncDisposable {
  readonly places: Places;
}

/** A repository on a disk of a few MiB. */
async function onSmallDisk(mebibytes: number): Promise<Mounted> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder());
  const places = { target: join(folder.path, 'target'), work: join(folder.path, 'work'), sizeBytes: SIZE_BYTES };
  await mkdir(places.target);
  await mkdir(places.work);
  stack.use(smallDisk(places.target, mebibytes));
  await makeRepository(places);
  const owned = stack.move();
  return { places, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test.skipIf(missing !== null)(
  `a full disk ends a backup with TARGET_FULL, loses nothing, and the next one succeeds once there is room${unless}`,
  async () => {
    await using disk = await onSmallDisk(8);
    const { places } = disk;
    await writeFile(join(places.target, BALLAST), noise('ballast', 4 * MIB));
    const acknowledged: string[] = [];
    let refused = 0;
    for (let round = 0; refused < 3; round++) {
      try {
        acknowledged.push(await backup({ ...places, round }, () => {}));
      } catch (failure) {
        if (!isHoldfastError(failure, 'TARGET_FULL')) throw failure;
        refused++;
      }
      expect(round).toBeLessThan(100);
    }
    const full = await withRepository(places, (repository) => prove(repository, places, new Set(acknowledged)));
    await rm(join(places.target, BALLAST));
    acknowledged.push(await backup({ ...places, round: 1000 }, () => {}));
    const after = await withRepository(places, (repository) => prove(repository, places, new Set(acknowledged)));
    expect([...after.points].sort()).toEqual([...acknowledged].sort());
    const left = (await readdir(places.target, { recursive: true })).filter((name) => name.endsWith('.tmp'));
    expect(left).toEqual([]);
    console.log(
      `full disk: ${acknowledged.length} restore points, ${refused} backups refused with TARGET_FULL, ` +
        `${full.restores + after.restores} restores byte for byte, 0 lost`,
    );
  },
  120_000,
);

test.skipIf(missing !== null)(
  `on a disk that is full to the last byte restore points can be forgotten and their room given back${unless}`,
  async () => {
    await using disk = await onSmallDisk(12);
    const { places } = disk;
    const points: string[] = [];
    for (let round = 0; round < 8; round++) points.push(await backup({ ...places, round }, () => {}));
    const kept = new Set(points.slice(-2));
    await fillUp(places.target);
    expect(await freeBytes(places.target)).toBe(0);
    await expect(backup({ ...places, round: 500 }, () => {})).rejects.toMatchObject({ code: 'TARGET_FULL' });
    const swept = await withRepository(places, async (repository) => {
      await repository.forget(points.slice(0, -2), 'retention', makeCall());
      // What is hardly needed cannot be written anew now, which is no reason to keep what is not needed at all.
      let sweptBytes = 0;
      const isRefused = await endsFull(
        collectOnce(repository).then((report) => {
          sweptBytes += report.sweptBytes;
        }),
      );
      sweptBytes += (await repository.collect({ repackBelow: 0, waitMs: 10_000 }, makeCall())).sweptBytes;
      await prove(repository, places, kept);
      return { sweptBytes, isRefused };
    });
    expect(await freeBytes(places.target)).toBeGreaterThan(500_000);
    kept.add(await backup({ ...places, round: 501 }, () => {}));
    const { restores } = await withRepository(places, (repository) => prove(repository, places, kept));
    console.log(
      `full to the last byte: ${swept.isRefused ? 'a collection that writes anew was refused, ' : ''}` +
        `${swept.sweptBytes} bytes swept, ${restores} restores byte for byte, 0 lost`,
    );
  },
  120_000,
);

test.skipIf(missing !== null)(
  `a collection for which a full disk has no room to write anew loses nothing, and does it once there is room${unless}`,
  async () => {
    await using disk = await onSmallDisk(12);
    const { places } = disk;
    const points: string[] = [];
    for (let round = 0; round < 4; round++) points.push(await backup({ ...places, round }, () => {}));
    const kept = new Set(points.slice(-1));
    await fillUp(places.target);
    await withRepository(places, async (repository) => {
      await repository.forget(points.slice(0, -1), 'retention', makeCall());
      const all = { repackBelow: 1, waitMs: 10_000 };
      const isRefused = await endsFull(repository.collect(all, makeCall()));
      await prove(repository, places, kept);
      await makeRoom(places.target);
      await repository.collect(all, makeCall());
      await giveBack(repository);
      const { restores } = await prove(repository, places, kept);
      console.log(`no room to write anew: ${isRefused ? 'TARGET_FULL' : 'done without'}, ${restores} restored, 0 lost`);
    });
  },
  120_000,
);

test.skipIf(missing !== null)(
  `a copy to a full disk ends with TARGET_FULL, loses nothing there, and succeeds once there is room${unless}`,
  async () => {
    await using from = await emptyRepository(SIZE_BYTES);
    await using disk = await onSmallDisk(8);
    const { places } = disk;
    await withRepository(from.places, async (source) => {
      const first = await protectRound(source, { ...from.places, round: 1 });
      const second = await protectRound(source, { ...from.places, round: 2 });
      await withRepository(places, async (repository) => {
        const copied = new Set([(await repository.copyFrom(source, first, {}, makeCall())).point]);
        await fillUp(places.target);
        await expect(repository.copyFrom(source, second, {}, makeCall())).rejects.toMatchObject({
          code: 'TARGET_FULL',
        });
        await prove(repository, places, copied);
        await makeRoom(places.target);
        copied.add((await repository.copyFrom(source, second, {}, makeCall())).point);
        const { restores } = await prove(repository, places, copied);
        expect(restores).toBe(2);
      });
    });
  },
  120_000,
);
