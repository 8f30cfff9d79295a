import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { kindOf } from '../../../core/repository/check/inventory.ts';
import { currentOf, generationName, parseGeneration, readyName } from '../../../core/repository/keys/generations.ts';
import { mutated, survives } from '../malformed.ts';

describe('generations of keys', () => {
  test('have names that a check knows', () => {
    for (const number of [1, 2, 4_294_967_295]) {
      expect(kindOf(generationName(number))).toBe('generation');
      expect(kindOf(readyName(number))).toBe('generation');
    }
    expect(kindOf('generations/2')).toBeNull();
  });

  test('are used for new objects when they are held and ready, and never before', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1 });
    fc.assert(
      fc.property(numbers, numbers, (held, ready) => {
        const generations = Object.fromEntries(held.map((number) => [number, new Uint8Array(32)]));
        const current = currentOf(generations, new Set(ready));
        expect(held).toContain(current);
        const allowed = held.filter((number) => ready.includes(number) || number === Math.min(...held));
        expect(current).toBe(Math.max(...allowed));
      }),
    );
  });

  test('10,000 malformed documents all end in a generation or a clear error', () => {
    const good = { version: 1, generation: 2, startedAt: 1, readyAt: 2 };
    const refused = survives(mutated(good), (value) => parseGeneration(value, readyName(2)));
    expect(refused).toBeGreaterThan(2000);
    expect(() => parseGeneration({ ...good, generation: 3 }, readyName(2))).toThrow('is not the one in the name');
  });
});
