import { isHoldfastError, makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { packOfName } from '../../../core/repository/data/packs/format.ts';
import { noise } from '../sample-disks.ts';
import { call, halfNew, MIB, openCollectLab } from './collect-lab.ts';

test('a collection that is cancelled at any moment ends its lease, loses nothing, and the next one goes on at once', async () => {
  await using one = await openCollectLab({ workers: 0 });
  let seed = 0;
  let cancelled = 0;
  for (let n = 3; n < 130; n += 14) {
    const base = noise(`base ${seed++}`, MIB / 2);
    const gone = await one.protect('m1', base);
    await one.protect('m1', halfNew(base, `half ${n}`));
    await one.lab.repository.forget([gone.point], 'test', call);
    one.expected.delete(gone.point);
    const stop = new AbortController();
    let operations = 0;
    one.store.before = () => {
      if (++operations === n) stop.abort();
    };
    const outcome = await one.lab.repository
      .collect({ repackBelow: 0.9 }, makeCall({ signal: stop.signal }))
      .catch((thrown: unknown) => thrown);
    one.store.before = () => {};
    if (outcome instanceof Error) {
      expect(isHoldfastError(outcome, 'CANCELLED')).toBe(true);
      cancelled++;
    }
    await one.collect({ repackBelow: 0.9 });
    expect(one.store.names('tombstones/')).toEqual([]);
  }
  expect(cancelled).toBeGreaterThan(4);
  await one.expectWhole();
});

test('a damaged pack that was salvaged stays until its lost chunks have been stored anew, and is removed then', async () => {
  await using one = await openCollectLab();
  const bytes = noise('salvaged', MIB);
  await one.protect('m1', bytes);
  const [name = ''] = one.store.names('packs/');
  const pack = one.store.objects.get(name) as Uint8Array;
  pack[48 + 44 + 1000] = (pack[48 + 44 + 1000] as number) ^ 1;
  const plan = await one.lab.repository.planRepair('fast', call);
  expect(plan.acts.map(({ act }) => act)).toContain('salvage');
  await one.lab.repository.repair(plan, call);
  for (let round = 0; round < 2; round++) {
    const report = await one.collect();
    expect(report.decided).toMatchObject([{ object: name, fate: 'condemned' }]);
    expect(one.store.objects.has(name)).toBe(true);
  }
  await one.protect('m1', bytes);
  const report = await one.collect();
  expect(packOfName(name)).not.toBeNull();
  expect(report.decided).toMatchObject([{ object: name, fate: 'swept' }]);
  await one.expectWhole();
});
