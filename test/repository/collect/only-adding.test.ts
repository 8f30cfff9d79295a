import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { noise } from '../sample-disks.ts';
import { call, MIB, openCollectLab } from './collect-lab.ts';

test('who may only add to a repository learns at once that nothing can be collected from there, and condemns nothing', async () => {
  await using one = await openCollectLab({ workers: 0 });
  const gone = await one.protect('m1', noise('dead', MIB / 2));
  await one.protect('m1', noise('alive', MIB / 2));
  await one.lab.repository.forget([gone.point], 'test', call);
  one.expected.delete(gone.point);
  let read = 0;
  one.store.before = (operation, name) => {
    if (operation === 'get' && name.startsWith('packs/')) read++;
    if (operation === 'remove') throw new HoldfastError('TARGET_READ_ONLY', 'only adding is allowed');
  };
  await expect(one.collect()).rejects.toMatchObject({
    code: 'TARGET_READ_ONLY',
    message: expect.stringContaining('nothing can be collected from here'),
    remedy: expect.stringContaining('collect: false'),
  });
  expect(read).toBe(0);
  expect(one.store.names('tombstones/')).toEqual([]);
  one.store.before = () => {};
  expect((await one.collect()).sweptPacks).toBeGreaterThan(0);
  await one.expectWhole();
});
