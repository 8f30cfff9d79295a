import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RootHash } from '../../../core/repository/data/map/root-hash.ts';
import { decodePieces, encodePieces } from '../../../core/repository/data/map/segment-list.ts';
import { extentsWithin, normalExtents } from '../../../core/repository/data/write/extents.ts';

const SEGMENT = 64 * 1024 * 1024;

/** Pieces of one segment, ascending and disjoint. */
const segmentPieces = fc
  .array(fc.record({ gap: fc.integer({ min: 0, max: 100_000 }), length: fc.integer({ min: 1, max: 262_144 }) }), {
    maxLength: 60,
  })
  .map((parts) => {
    let offset = 3 * SEGMENT;
    return parts.map(({ gap, length }) => {
      const piece = { offset: offset + gap, length, id: Uint8Array.from(randomBytes(32)) };
      offset += gap + length;
      return piece;
    });
  });

describe('a segment list', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(segmentPieces, (pieces) => {
        const decoded = decodePieces(encodePieces(pieces, 3 * SEGMENT), 3 * SEGMENT, SEGMENT);
        expect(decoded?.map((piece) => ({ ...piece, id: Uint8Array.from(piece.id) })) ?? []).toEqual(pieces);
      }),
    );
  });

  it('is refused when pieces overlap, go backwards, are empty or leave their segment', () => {
    const id = new Uint8Array(32);
    const list = (...pieces: [number, number][]) =>
      encodePieces(
        pieces.map(([offset, length]) => ({ offset, length, id })),
        0,
      );
    expect(decodePieces(list([0, 10], [10, 5]), 0, 100)).toHaveLength(2);
    expect(decodePieces(list([0, 10], [9, 5]), 0, 100)).toBeNull();
    expect(decodePieces(list([20, 10], [0, 5]), 0, 100)).toBeNull();
    expect(decodePieces(list([0, 0]), 0, 100)).toBeNull();
    expect(decodePieces(list([96, 5]), 0, 100)).toBeNull();
    expect(decodePieces(list([0, 10]).subarray(1), 0, 100)).toBeNull();
    expect(decodePieces(new Uint8Array(0), 0, 100)).toBeNull();
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (list) => {
        const pieces = decodePieces(list, 0, 1000);
        for (const { offset, length } of pieces ?? []) expect(offset + length).toBeLessThanOrEqual(1000);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('the root of a disk', () => {
  it('is the hash that the format page describes', () => {
    fc.assert(
      fc.property(segmentPieces, (pieces) => {
        const root = new RootHash();
        root.add(encodePieces(pieces, 3 * SEGMENT), 3 * SEGMENT);
        const expected = createHash('sha256');
        for (const { offset, length, id } of pieces) {
          const head = Buffer.alloc(12);
          head.writeBigUInt64LE(BigInt(offset));
          head.writeUInt32LE(length, 8);
          expected.update(head).update(id);
        }
        expect(root.digest()).toBe(expected.digest('hex'));
        expect(root.chunks).toBe(pieces.length);
      }),
      { numRuns: 50 },
    );
  });
});

describe('changed extents', () => {
  const extents = fc.array(
    fc.record({ offset: fc.integer({ min: 0, max: 200_000 }), length: fc.integer({ min: 0, max: 20_000 }) }),
    { maxLength: 20 },
  );

  it('cover what they covered, in whole blocks, once and in order, and nothing beyond the disk', () => {
    fc.assert(
      fc.property(extents, fc.integer({ min: 1, max: 210_000 }), (given, sizeBytes) => {
        const normal = normalExtents(given, sizeBytes, 4096);
        let last = -1;
        for (let i = 0; i < normal.length; i += 2) {
          const [start = 0, end = 0] = normal.subarray(i, i + 2);
          expect(start).toBeGreaterThan(last);
          expect(start % 4096).toBe(0);
          expect(end === sizeBytes || end % 4096 === 0).toBe(true);
          last = end;
        }
        const within = extentsWithin(normal, 0, sizeBytes);
        for (const { offset, length } of given) {
          if (length === 0 || offset >= sizeBytes) continue;
          const end = Math.min(sizeBytes, offset + length);
          expect(within.some((range) => range.start <= offset && range.end >= end)).toBe(true);
        }
      }),
    );
  });

  it('are taken apart at window bounds without losing a byte', () => {
    fc.assert(
      fc.property(extents, (given) => {
        const normal = normalExtents(given, 220_000, 4096);
        let bytes = 0;
        for (let from = 0; from < 220_000; from += 16_384) {
          for (const { start, end } of extentsWithin(normal, from, Math.min(220_000, from + 16_384)))
            bytes += end - start;
        }
        const whole = extentsWithin(normal, 0, 220_000).reduce((sum, { start, end }) => sum + end - start, 0);
        expect(bytes).toBe(whole);
      }),
    );
  });

  it('that make no sense are refused', () => {
    expect(() => normalExtents([{ offset: -1, length: 5 }], 100, 4096)).toThrow(/changed blocks/);
    expect(() => normalExtents([{ offset: 0.5, length: 5 }], 100, 4096)).toThrow(/changed blocks/);
    expect(() => normalExtents([{ offset: 0, length: Number.NaN }], 100, 4096)).toThrow(/changed blocks/);
  });
});
