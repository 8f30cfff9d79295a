import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Coverage } from '../../../core/kit/nbd/coverage.ts';

test('an account of what was answered takes each byte once, in any order, and knows when all are there', () => {
  const part = fc.record({ start: fc.integer({ min: -2, max: 40 }), length: fc.integer({ min: 0, max: 20 }) });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const coverage = new Coverage(40);
      const bytes = new Uint8Array(40);
      for (const { start, length } of parts) {
        const isWithin = start >= 0 && length > 0 && start + length <= 40;
        const isNew = isWithin && !bytes.subarray(start, start + length).includes(1);
        expect(coverage.add(start, length)).toBe(isNew);
        if (isNew) bytes.fill(1, start, start + length);
        expect(coverage.isWhole).toBe(!bytes.includes(0));
      }
    }),
    { numRuns: 5000 },
  );
});

test('an account of what was answered does not grow without end', () => {
  const coverage = new Coverage(1_000_000);
  let taken = 0;
  while (taken < 100_000 && coverage.add(taken * 4, 1)) taken++;
  expect(taken).toBe(4096);
});
