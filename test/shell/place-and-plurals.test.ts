import { expect, test } from 'vitest';
import { formatNumbered } from '../../core/shell/format/numbers.ts';
import { placeOf } from '../../core/shell/lookup/place-of.ts';

test('one thing is told as one', () => {
  expect([0, 1, 2, 1284].map((count) => formatNumbered(count, 'restore point'))).toEqual([
    '0 restore points',
    '1 restore point',
    '2 restore points',
    '1,284 restore points',
  ]);
});

test.each([
  [{ use: 'disk', path: '/a', passphrase: 'env:P' }, '/a'],
  [{ use: 'tape', folder: '/b' }, '/b'],
  [{ use: 'cabinet', file: '/c', drawers: 3, passphrase: 'env:P' }, 'file=/c drawers=3'],
  [{ use: 'lab' }, ''],
])('the place of %j is %j, whatever its setting is called', (instance, place) => {
  expect(placeOf(instance)).toBe(place);
});
