import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keptPromise } from '../../../core/model/objectives/kept.ts';

test('a promise that was kept all the time was never missed', () => {
  expect(keptPromise([0, 4, 8, 12], 4, 0, 16, 2)).toEqual({
    worstMs: 4,
    outMs: 0,
    misses: 0,
    wholeMs: 16,
    trend: [1, 1],
  });
});

test('a gap counts from when the promise was broken until the next restore point', () => {
  expect(keptPromise([0, 10], 4, 0, 12, 2)).toMatchObject({ worstMs: 10, outMs: 6, misses: 1 });
  expect(keptPromise([0, 10], 4, 0, 12, 2).trend).toEqual([1 - 2 / 6, 1 - 4 / 6]);
});

test('what was before the time that is looked at counts only where it reaches into it', () => {
  expect(keptPromise([-100], 4, 0, 10, 1)).toMatchObject({ worstMs: 110, outMs: 10, misses: 1, trend: [0] });
  expect(keptPromise([], 4, 0, 10, 1)).toMatchObject({ worstMs: 10, outMs: 6, misses: 1 });
});

test('time outside never exceeds the whole, and agrees with counting each moment', () => {
  const points = fc.array(fc.integer({ min: -20, max: 100 }), { maxLength: 12 });
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 80 }), (taken, rpo, until) => {
      const kept = keptPromise(taken, rpo, 0, until, 7);
      const newest = (at: number): number =>
        Math.max(...taken.filter((one) => one <= at), taken.some((one) => one <= 0) ? Number.NEGATIVE_INFINITY : 0);
      let out = 0;
      for (let at = 0; at < until; at += 1) if (at - newest(at) >= rpo) out += 1;
      expect(kept.outMs).toBe(out);
      expect(kept.outMs).toBeLessThanOrEqual(kept.wholeMs);
      const share = kept.trend.reduce((sum, one) => sum + (1 - one), 0) / 7;
      expect(share * until).toBeCloseTo(out, 6);
      expect(kept.misses === 0).toBe(out === 0);
    }),
  );
});
