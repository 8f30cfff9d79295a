import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cutter } from '../../../core/repository/data/cut/cutter.ts';
import { cutWindow, WindowMemory } from '../../../core/repository/data/write/window.ts';
import { noise, sampleDisk } from '../sample-disks.ts';
import { suite } from './plane-lab.ts';

const BLOCK = 4096;
const MiB = 1024 * 1024;
const { chunker } = suite;
const key = noise('cut key', 32);

/** Start and end of each piece, in bytes. */
function cut(window: Buffer, cutKey: Uint8Array = key): (readonly [number, number])[] {
  const memory = new WindowMemory(4 * MiB);
  window.copy(memory.bytes);
  memory.padTo(BLOCK, window.length);
  const pieces = cutWindow(new Cutter(chunker, cutKey), memory, window.length, chunker);
  return [...pieces].map(({ start, end }) => [start, end] as const);
}

/** The same once more, from the format page alone, block by block and without any haste. */
function cutByThePage(window: Buffer): (readonly [number, number])[] {
  const words = Array.from({ length: 8 }, (_, i) => key.readUInt32LE(i * 4));
  const blocks = Math.ceil(window.length / BLOCK);
  const padded = Buffer.alloc(blocks * BLOCK);
  window.copy(padded);
  const isZero = (block: number) => padded.subarray(block * BLOCK, (block + 1) * BLOCK).every((byte) => byte === 0);
  const zero = Array.from({ length: blocks }, (_, block) => isZero(block));
  const isHole = new Array<boolean>(blocks).fill(false);
  for (let block = 0; block < blocks; ) {
    let end = block;
    while (end < blocks && zero[end]) end++;
    if (end - block >= 16) isHole.fill(true, block, end);
    block = Math.max(end, block + 1);
  }
  const fingerprint = (block: number): number => {
    let h = words[0] ?? 0;
    for (let i = 7; i <= 999; i += 32) {
      h = Math.imul(h ^ padded.readUInt32LE(block * BLOCK + i * 4), (words[1] ?? 0) | 1) >>> 0;
      h = (h ^ (h >>> 15)) >>> 0;
    }
    h = Math.imul(h, (words[2] ?? 0) | 1) >>> 0;
    return (h ^ (h >>> 16)) >>> 0;
  };
  const pieces: (readonly [number, number])[] = [];
  for (let start = 0; start < blocks; ) {
    if (isHole[start]) {
      start++;
      continue;
    }
    let end = start;
    for (;;) {
      const bytes = (end + 1 - start) * BLOCK;
      const topBits = bytes > chunker.averageBytes ? 3 : 5;
      const isMatch = bytes >= chunker.minimumBytes && fingerprint(end) >>> (32 - topBits) === 0;
      end++;
      if (isMatch || bytes >= chunker.maximumBytes || end >= blocks || isHole[end]) break;
    }
    // A chunk of zeros is left out: what no piece covers reads as zeros.
    const isData = zero.slice(start, end).includes(false);
    if (isData) pieces.push([start * BLOCK, Math.min(window.length, end * BLOCK)]);
    start = end;
  }
  return pieces;
}

const windows = fc
  .record({ seed: fc.integer(), blocks: fc.integer({ min: 1, max: 400 }), tail: fc.integer({ min: 0, max: 4095 }) })
  .map(({ seed, blocks, tail }) => sampleDisk(String(seed), Math.max(1, blocks * BLOCK - tail)));

describe('cutting a window', () => {
  it('cuts exactly where the format page says', () => {
    fc.assert(
      fc.property(windows, (window) => {
        expect(cut(window)).toEqual(cutByThePage(window));
      }),
      { numRuns: 60 },
    );
  });

  it('covers every byte that is not zero, once, within the limits', () => {
    fc.assert(
      fc.property(windows, (window) => {
        let at = 0;
        for (const [start, end] of cut(window)) {
          expect(start % BLOCK).toBe(0);
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end - start).toBeLessThanOrEqual(chunker.maximumBytes);
          expect(window.subarray(at, start).every((byte) => byte === 0)).toBe(true);
          at = end;
        }
        expect(window.subarray(at).every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('makes chunks of about the size that was asked for', () => {
    const pieces = cut(noise('average', 4 * MiB));
    const average = (4 * MiB) / pieces.length;
    expect(average).toBeGreaterThan(chunker.averageBytes / 2);
    expect(average).toBeLessThan(chunker.averageBytes * 2);
  });

  it('finds the same chunks when a guest has moved the data to other blocks', () => {
    const data = noise('moved', 2 * MiB);
    const here = cut(Buffer.concat([data, Buffer.alloc(2 * MiB)]));
    const moved = cut(Buffer.concat([noise('something else', 9 * BLOCK), data]));
    const chunks = new Set(here.map(([start, end]) => data.toString('latin1', start, end)));
    const shift = 9 * BLOCK;
    const again = moved.filter(([start, end]) => chunks.has(data.toString('latin1', start - shift, end - shift)));
    expect(again.length).toBeGreaterThan(here.length * 0.8);
  });

  it('changes only the chunks around an edit', () => {
    const data = noise('edited', 4 * MiB);
    const edited = Buffer.from(data);
    noise('edit', BLOCK).copy(edited, 500 * BLOCK);
    const before = new Set(cut(data).map(String));
    const other = cut(edited).filter(([start, end]) => !before.has(String([start, end])));
    for (const [start, end] of other) {
      expect(end).toBeGreaterThan(500 * BLOCK - chunker.maximumBytes);
      expect(start).toBeLessThan(500 * BLOCK + 4 * chunker.maximumBytes);
    }
  });

  it('cuts elsewhere under another key, so that sizes tell nothing to those who do not have it', () => {
    const data = noise('secret', 4 * MiB);
    const mine = new Set(cut(data).map(String));
    const same = cut(data, noise('another key', 32)).filter((piece) => mine.has(String(piece)));
    expect(same.length).toBeLessThan(mine.size / 4);
  });
});
