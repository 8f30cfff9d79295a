import { expect, test } from 'vitest';
import { noise } from '../sample-disks.ts';
import { call, MIB, openCollectLab } from './collect-lab.ts';

test('a bit flipped in a tombstone, or in its list of leases, is found, and no restore point is lost by it', async () => {
  await using one = await openCollectLab({ workers: 0 });
  const gone = await one.protect('m1', noise('dead', MIB / 2));
  await one.protect('m1', noise('alive', MIB / 2));
  await one.lab.repository.forget([gone.point], 'test', call);
  one.expected.delete(gone.point);
  const other = await one.lab.reopen(undefined, 'another machine');
  const writer = await other.begin({ endpoint: 'lab', id: 'm2' }, call);
  expect((await one.collect()).condemnedPacks).toBeGreaterThan(0);
  await writer.abandon(call);
  const pristine = one.store.copy();
  const names = one.store.names('tombstones/');
  expect(names).toHaveLength(2);
  for (const name of names) {
    const whole = pristine.objects.get(name) as Uint8Array;
    for (let bit = 0; bit < whole.length * 8; bit += 97) {
      one.store.objects.clear();
      for (const [object, bytes] of pristine.objects) one.store.objects.set(object, Uint8Array.from(bytes));
      const damaged = one.store.objects.get(name) as Uint8Array;
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      const { damage } = await other.check('fast', call);
      expect(damage.map(({ object }) => object)).toEqual([name]);
      const report = await other.collect({}, call);
      expect(report.sweptPacks).toBeGreaterThan(0);
      const points = await other.points({}, call);
      expect(points.map(({ point }) => point)).toEqual([...one.expected.keys()]);
      expect((await other.check('fast', call)).damage.filter(({ object }) => object !== name)).toEqual([]);
    }
  }
});
