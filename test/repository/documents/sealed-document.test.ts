import { isHoldfastError } from '@holdfast/api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openDocument, sealDocument } from '../../../core/repository/documents/sealed-document.ts';

const keys = {
  repositoryId: '0123456789abcdef0123456789abcdef',
  secrets: { family: Buffer.alloc(32, 1), generations: { 1: Buffer.alloc(32, 2), 2: Buffer.alloc(32, 3) }, current: 2 },
};

describe('sealed documents', () => {
  test('a document opens as it was sealed', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(openDocument('commits/a', sealDocument('commits/a', value, keys), keys)).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });

  test('a document of an older key generation still opens', () => {
    const older = { ...keys, secrets: { ...keys.secrets, current: 1 } };
    expect(openDocument('commits/a', sealDocument('commits/a', { old: true }, older), keys)).toEqual({ old: true });
  });

  test('a document that was moved to another name is refused', () => {
    const sealed = sealDocument('commits/a', { a: 1 }, keys);
    expect(() => openDocument('commits/b', sealed, keys)).toThrow(/fails its authentication/);
  });

  test('a document of another repository is refused', () => {
    const sealed = sealDocument('commits/a', { a: 1 }, keys);
    const other = { ...keys, repositoryId: 'f'.repeat(32) };
    expect(() => openDocument('commits/a', sealed, other)).toThrow(/fails its authentication/);
  });

  test('every single flipped bit is noticed', () => {
    const sealed = sealDocument('commits/a', { lease: 'x', state: 'committed' }, keys);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Uint8Array.from(sealed);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => openDocument('commits/a', flipped, keys)).toThrow();
    }
  });

  test('10,000 malformed documents all end in a clear error', () => {
    const good = sealDocument('commits/a', { lease: 'x', state: 'committed' }, keys);
    const cut = fc.integer({ min: 0, max: good.length - 1 }).map((length) => good.slice(0, length));
    const longer = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((more) => Buffer.concat([good, more]));
    const noise = fc.uint8Array({ maxLength: 200 });
    const noisy = noise.map((bytes) => Buffer.concat([good.subarray(0, 8), bytes]));
    fc.assert(
      fc.property(fc.oneof(cut, longer, noise, noisy), (bytes) => {
        try {
          openDocument('commits/a', bytes, keys);
        } catch (failure) {
          return isHoldfastError(failure, 'REPOSITORY_DAMAGED');
        }
        return false;
      }),
      { numRuns: 10_000 },
    );
  });
});
