import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CopyFigures,
  fitJobs,
  longestGapFor,
  restoreMs,
  smallestRpoMs,
  transferMs,
  worstLossMs,
} from '../../../core/model/policies/fit.ts';

const minute = 60_000;
const hour = 60 * minute;
const gb = 1e9;

/** 100 Mb/s at 75 %: 33.75 GB an hour; 4 GB change in an hour; two minutes of overhead. */
const example: CopyFigures = {
  wholeBytes: 500 * gb,
  changePerMs: (4 * gb) / hour,
  isTracked: true,
  speed: (33.75 * gb) / hour,
  overheadMs: 2 * minute,
};

describe('the arithmetic of objectives', () => {
  it('gives the worked example: for 15 minutes a copy at least every 11.6, and 4.5 minutes at best', () => {
    expect((longestGapFor(example, 15 * minute) ?? 0) / minute).toBeCloseTo(11.62, 1);
    expect((smallestRpoMs(example) ?? 0) / minute).toBeCloseTo(4.54, 1);
  });

  it('transfers 100 GB over 100 Mb/s in 2.96 hours', () => {
    expect(transferMs({ ...example, overheadMs: 0, wholeBytes: 100 * gb, isTracked: false }, 0) / hour).toBeCloseTo(
      2.96,
      2,
    );
  });

  it('restores 500 GB in 28 minutes at 300 MB/s, and two until the machine answers', () => {
    expect(restoreMs(500 * gb, (300 * 1e6) / 1_000) / minute).toBeCloseTo(29.8, 1);
  });

  it('knows no interval where changes come faster than they can be read, but for reading all of it', () => {
    const busy: CopyFigures = { ...example, changePerMs: example.speed * 2 };
    expect(smallestRpoMs(busy)).toBeCloseTo(2 * (busy.overheadMs + busy.wholeBytes / busy.speed));
    expect(longestGapFor({ ...busy, isTracked: false }, minute)).toBeNull();
  });

  it('finds an interval that keeps the objective, and no longer one does', () => {
    const figures = fc.record({
      wholeBytes: fc.double({ min: 1e6, max: 1e13, noNaN: true }),
      changePerMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
      isTracked: fc.boolean(),
      speed: fc.double({ min: 1e3, max: 1e6, noNaN: true }),
      overheadMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(figures, fc.double({ min: minute, max: 100 * hour, noNaN: true }), (one, rpoMs) => {
        const gap = longestGapFor(one, rpoMs);
        if (gap === null) {
          expect(worstLossMs(one, 1)).toBeGreaterThan(rpoMs * 0.999);
          return;
        }
        expect(worstLossMs(one, gap)).toBeLessThanOrEqual(rpoMs * 1.000_001);
        expect(worstLossMs(one, gap * 1.01 + 1)).toBeGreaterThan(rpoMs * 0.999_999);
      }),
    );
  });
});

describe('jobs on slots', () => {
  it('go longest first, each when one of every slot is free, and the slot that holds them up is named', () => {
    const jobs = [3, 5, 4].map((ms) => ({ name: String(ms), ms, slots: ['stream', 'snapshot'] }));
    const fit = fitJobs(jobs, (slot) => (slot === 'stream' ? 1 : 2));
    expect(fit).toMatchObject({ makespanMs: 12, critical: 'stream' });
    expect(fitJobs(jobs, () => 2).makespanMs).toBe(7);
    expect(fitJobs([], () => 1)).toMatchObject({ makespanMs: 0, critical: null });
  });

  it('are never done sooner than the longest of them or the sum on any slot, nor later than one after the other', () => {
    const slots = ['a', 'b', 'c'];
    const job = fc.record({ name: fc.constant('x'), ms: fc.nat(1_000), slots: fc.subarray(slots) });
    fc.assert(
      fc.property(fc.array(job, { maxLength: 40 }), fc.integer({ min: 1, max: 4 }), (jobs, capacity) => {
        const { makespanMs } = fitJobs(jobs, () => capacity);
        const total = (of: typeof jobs): number => of.reduce((sum, { ms }) => sum + ms, 0);
        expect(makespanMs).toBeGreaterThanOrEqual(Math.max(0, ...jobs.map(({ ms }) => ms)));
        for (const slot of slots)
          expect(makespanMs * capacity).toBeGreaterThanOrEqual(total(jobs.filter((one) => one.slots.includes(slot))));
        expect(makespanMs).toBeLessThanOrEqual(total(jobs));
      }),
    );
  });
});
