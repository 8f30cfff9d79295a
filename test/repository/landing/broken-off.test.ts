import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { call, openCollectLab } from '../collect/collect-lab.ts';
import { noise } from '../sample-disks.ts';
import { deduplicate, land } from './landing-lab.ts';

test('a sweep that ends between the index and the packs of a restore point that lies elsewhere by now is no damage', async () => {
  await using one = await openCollectLab();
  const disk = noise('both', 600_000);
  await land(one, 'm1', disk, 'immediate');
  const before = new Set(one.store.names('packs/'));
  await land(one, 'm2', disk);
  await deduplicate(one);
  const dying = one.store.names('packs/').filter((name) => !before.has(name));
  expect(dying.length).toBeGreaterThan(0);
  const indexes = one.store.names('index/').length;
  one.store.before = (operation, name) => {
    if (operation === 'remove' && name.startsWith('packs/')) throw new HoldfastError('TARGET_IO', 'the cable is out');
  };
  await expect(one.collect()).rejects.toMatchObject({ code: 'TARGET_IO' });
  one.store.before = () => {};
  expect(one.store.names('index/').length).toBeLessThan(indexes);
  expect(one.store.names('packs/')).toEqual(expect.arrayContaining(dying));
  expect((await one.lab.repository.check('fast', call)).damage).toEqual([]);
  await one.collect();
  expect(one.store.names('packs/').filter((name) => dying.includes(name))).toEqual([]);
  await one.expectWhole();
});
