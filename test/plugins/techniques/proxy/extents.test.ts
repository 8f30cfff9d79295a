import type { Extent } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gatherExtents } from '../../../../plugins/techniques/proxy/src/protect/extents.ts';

async function* listed(extents: Iterable<Extent>): AsyncGenerator<Extent> {
  yield* extents;
}

test('parts that touch become one, and none that changed is lost', async () => {
  const steps = fc.array(fc.record({ gap: fc.nat(3), length: fc.nat(5) }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(steps, async (parts) => {
      let end = 0;
      const extents = parts.map(({ gap, length }) => {
        const extent = { offset: end + gap, length };
        end = extent.offset + length;
        return extent;
      });
      const gathered = (await gatherExtents(listed(extents), end)) ?? [];
      const bytes = (of: readonly Extent[]) =>
        of.flatMap(({ offset, length }) => Array.from({ length }, (_, index) => offset + index));
      expect(bytes(gathered)).toEqual(bytes(extents));
      for (const [index, { offset, length }] of gathered.entries()) {
        expect(length).toBeGreaterThan(0);
        const before = gathered[index - 1];
        if (before !== undefined) expect(offset).toBeGreaterThan(before.offset + before.length);
      }
    }),
  );
});

test.each([
  [
    'that overlap',
    [
      { offset: 0, length: 10 },
      { offset: 5, length: 10 },
    ],
  ],
  [
    'that go back',
    [
      { offset: 50, length: 10 },
      { offset: 0, length: 10 },
    ],
  ],
  ['that leave the disk', [{ offset: 90, length: 11 }]],
  ['of a negative length', [{ offset: 10, length: -1 }]],
  ['that are no numbers', [{ offset: Number.NaN, length: 1 }]],
  ['at fractions of bytes', [{ offset: 0.5, length: 1 }]],
])('a list of changes with parts %s is refused: what it left out could be wrong too', async (_what, extents) => {
  await expect(gatherExtents(listed(extents), 100)).rejects.toSatisfy((problem) =>
    isHoldfastError(problem, 'PLUGIN_FAILED'),
  );
});

test('a list that never ends is given up after a million parts, and the disk is read whole', async () => {
  function* endless(): Generator<Extent> {
    for (let offset = 0; ; offset += 2) yield { offset, length: 1 };
  }
  expect(await gatherExtents(listed(endless()), Number.MAX_SAFE_INTEGER)).toBeNull();
});
