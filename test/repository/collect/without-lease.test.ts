import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { noise } from '../sample-disks.ts';
import { call, halfNew, MIB, openCollectLab } from './collect-lab.ts';

test('a reader that cannot put a lease finds what was written anew while it read', async () => {
  await using one = await openCollectLab({ workers: 0 });
  const base = noise('base', 2 * MIB);
  const gone = await one.protect('m1', base);
  const kept = halfNew(base);
  const point = await one.protect('m1', kept);
  const other = await one.lab.reopen(undefined, 'a host that may only read');
  await one.lab.repository.forget([gone.point], 'test', call);
  one.expected.delete(gone.point);
  one.store.before = (operation) => {
    if (operation === 'put') throw new HoldfastError('TARGET_READ_ONLY', 'mounted for reading');
  };
  const reading = other.read(point.point, 'vda', null, call)[Symbol.asyncIterator]();
  const parts = [Buffer.from((await reading.next()).value ?? [])];
  one.store.before = () => {};
  const report = await one.collect({ repackBelow: 0.9 });
  expect(report.repackedPacks).toBeGreaterThan(0);
  expect(report.sweptPacks).toBeGreaterThan(0);
  for (let next = await reading.next(); next.done !== true; next = await reading.next())
    parts.push(Buffer.from(next.value));
  expect(Buffer.concat(parts).equals(kept)).toBe(true);
});
