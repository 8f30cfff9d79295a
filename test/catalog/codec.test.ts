import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPlain, storePlain } from '../../core/catalog/sqlite/codec/plain.ts';
import { readText, storeText } from '../../core/catalog/sqlite/codec/text.ts';
import { hostileString } from '../model/text/hostile-strings.ts';

const plain = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, undefined, true, false, Number.NaN, Number.POSITIVE_INFINITY, -0, Number.MAX_SAFE_INTEGER),
    fc.double(),
    hostileString,
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('any'), { maxLength: 5 }),
    fc.dictionary(fc.oneof(hostileString, fc.constantFrom('$', 'of', '__proto__', 'toJSON', '')), tie('any'), {
      maxKeys: 5,
      noNullPrototype: true,
    }),
  ),
})).any;

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let n = 0; n < depth; n += 1) value = [value];
  return value;
};

describe('texts', () => {
  test('every text comes back as it was, and what is stored is well formed', () => {
    fc.assert(
      fc.property(hostileString, (text) => {
        const stored = storeText(text);
        expect(stored.isWellFormed() && !stored.includes('\0')).toBe(true);
        expect(readText(stored)).toBe(text);
      }),
      { numRuns: 2_000 },
    );
  });

  test('different texts are stored as different texts', () => {
    expect(storeText('\u0001"x"')).not.toBe(storeText('x'));
    expect(readText(storeText('\u0001"x"'))).toBe('\u0001"x"');
    expect(storeText('erp-db')).toBe('erp-db');
  });

  test('a mark with anything but a text behind it is damage', () => {
    for (const stored of ['\u0001', '\u0001{', '\u00011', '\u0001null'])
      expect(() => readText(stored)).toThrow(expect.objectContaining({ code: 'CATALOG_DAMAGED' }));
  });
});

describe('values', () => {
  test('every plain value comes back as it was', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(readPlain(storePlain(value))).toStrictEqual(value);
      }),
      { numRuns: 1_000 },
    );
  });

  test('plain JSON is stored as plain JSON', () => {
    expect(storePlain({ to: 'disk-main', extents: [1, 2.5, null] })).toBe('{"to":"disk-main","extents":[1,2.5,null]}');
  });

  test('what is no plain data, or has no bounds, is refused', () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    for (const value of [1n, Symbol('x'), () => 1, new Date(), new Map(), [new Set()], { a: /x/ }, cyclic, nested(101)])
      expect(() => storePlain(value)).toThrow(expect.objectContaining({ code: 'PLUGIN_FAILED' }));
    expect(() => storePlain('x'.repeat(9 * 1024 * 1024))).toThrow('9437186 characters');
    expect(readPlain(storePlain(nested(100)))).toEqual(nested(100));
  });

  test('a value that this program did not write is damage, never a guess', () => {
    for (const stored of ['', '{', '{"$":"what"}', '{"$":"bytes"}', '{"$":"number","of":5}', '{"$":"object","of":1}'])
      expect(() => readPlain(stored)).toThrow(expect.objectContaining({ code: 'CATALOG_DAMAGED' }));
  });
});
