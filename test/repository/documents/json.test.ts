import { isHoldfastError } from '@holdfast/api';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../../core/repository/documents/json.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

test('JSON that nests too deep is refused before it is parsed', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  expect(() => parseJson(bytes(deep), 1_000_000, 'x')).toThrow(/nests deeper/);
});

test('brackets within texts do not count as nesting', () => {
  const text = `"${'['.repeat(1000)}\\"${'{'.repeat(1000)}"`;
  expect(parseJson(bytes(`[${text}]`), 10_000, 'x')).toEqual([`${'['.repeat(1000)}"${'{'.repeat(1000)}`]);
});

test('JSON that is too long or not UTF-8 is refused', () => {
  expect(() => parseJson(bytes('"12345678"'), 9, 'x')).toThrow(/longer than 9 bytes/);
  expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]), 9, 'x')).toThrow(/is not JSON/);
});

test('whatever bytes come, there is a value or a clear error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      try {
        expect(parseJson(bytes(text), 100_000, 'x')).toEqual(JSON.parse(text));
      } catch (failure) {
        expect(isHoldfastError(failure, 'REPOSITORY_DAMAGED')).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});
