import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cutter } from '../../../core/repository/data/cut/cutter.ts';
import { TrackedWindow } from '../../../core/repository/data/write/tracked-window.ts';
import { WindowMemory } from '../../../core/repository/data/write/window.ts';
import { changedDisk, noise, sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';
import { expectRestored, openPlaneLab, smallSuite, writeDisk } from './plane-lab.ts';

const BLOCK = 4096;
const MiB = 1024 * 1024;
const chunker = { ...smallSuite.chunker, windowBytes: MiB };
const key = noise('cut key', 32);

interface Cut {
  readonly start: number;
  readonly end: number;
}

function cutAll(disk: Buffer): Cut[] {
  const memory = new WindowMemory(disk.length);
  disk.copy(memory.bytes);
  const cutter = new Cutter(chunker, key);
  const cuts: Cut[] = [];
  for (let at = 0; cutter.next(memory.words, at, disk.length / BLOCK); at = cutter.end) {
    cuts.push({ start: cutter.start, end: cutter.end });
  }
  return cuts;
}

async function cutChanged(old: readonly Cut[], disk: Buffer, changes: readonly Cut[]) {
  const memory = new WindowMemory(disk.length);
  let readBlocks = 0;
  const tracked = new TrackedWindow(new Cutter(chunker, key), memory, async (from, to) => {
    disk.copy(memory.bytes, from * BLOCK, from * BLOCK, to * BLOCK);
    readBlocks += to - from;
  });
  const pieces = [];
  const known = old.map((cut) => ({ ...cut, id: key }));
  for await (const piece of tracked.pieces(known, changes, disk.length / BLOCK)) {
    // What is not taken over must be in memory, as it is on the disk, when it is handed out.
    const [from, to] = [piece.start * BLOCK, piece.end * BLOCK];
    if (piece.id === null) expect(memory.bytes.subarray(from, to).equals(disk.subarray(from, to))).toBe(true);
    pieces.push(piece);
  }
  return { pieces, readBlocks };
}

/** A window of runs of zeros, text and noise, and runs of blocks in it that are written anew. */
const changing = fc.record({
  seed: fc.integer({ min: 0, max: 1_000_000 }),
  changes: fc.array(
    fc.record({
      start: fc.integer({ min: 0, max: 255 }),
      length: fc.integer({ min: 1, max: 24 }),
      zero: fc.boolean(),
    }),
    { maxLength: 6 },
  ),
});

function change(disk: Buffer, changes: readonly { start: number; length: number; zero: boolean }[], seed: number) {
  const changed = Buffer.from(disk);
  const flags = new Uint8Array(disk.length / BLOCK);
  for (const [i, { start, length, zero }] of changes.entries()) {
    const end = Math.min(flags.length, start + length);
    if (zero) changed.fill(0, start * BLOCK, end * BLOCK);
    else noise(`${seed} ${i}`, (end - start) * BLOCK).copy(changed, start * BLOCK);
    flags.fill(1, start, end);
  }
  const ranges: Cut[] = [];
  for (let at = flags.indexOf(1); at >= 0; at = flags.indexOf(1, at)) {
    const end = flags.indexOf(0, at);
    ranges.push({ start: at, end: end < 0 ? flags.length : end });
    if (end < 0) break;
    at = end;
  }
  return { changed, ranges };
}

describe('a window of which only some blocks have changed', () => {
  it('is covered without overlap, and what is taken over has not changed', async () => {
    await fc.assert(
      fc.asyncProperty(changing, async ({ seed, changes }) => {
        const disk = sampleDisk(String(seed), MiB);
        const { changed, ranges } = change(disk, changes, seed);
        const { pieces } = await cutChanged(cutAll(disk), changed, ranges);
        let at = 0;
        for (const { start, end, id } of pieces) {
          expect(start).toBeGreaterThanOrEqual(at);
          // What no piece covers reads as zeros.
          expect(changed.subarray(at * BLOCK, start * BLOCK).every((byte) => byte === 0)).toBe(true);
          if (id !== null) {
            const [from, to] = [start * BLOCK, end * BLOCK];
            expect(changed.subarray(from, to).equals(disk.subarray(from, to))).toBe(true);
          }
          at = end;
        }
        expect(changed.subarray(at * BLOCK).every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('is nearly always cut as if all of it had been read', async () => {
    let same = 0;
    let all = 0;
    await fc.assert(
      fc.asyncProperty(changing, async ({ seed, changes }) => {
        const disk = sampleDisk(String(seed), MiB);
        const { changed, ranges } = change(disk, changes, seed);
        const { pieces } = await cutChanged(cutAll(disk), changed, ranges);
        const expected = new Set(cutAll(changed).map(({ start, end }) => `${start}-${end}`));
        all += expected.size;
        same += pieces.filter(({ start, end }) => expected.has(`${start}-${end}`)).length;
      }),
      { numRuns: 150 },
    );
    expect(same / all).toBeGreaterThan(0.98);
  });

  it('is read only around the change', async () => {
    const disk = noise('much data', MiB);
    const { changed, ranges } = change(disk, [{ start: 100, length: 1, zero: false }], 1);
    const { readBlocks } = await cutChanged(cutAll(disk), changed, ranges);
    expect(readBlocks).toBeLessThan(160);
  });
});

describe('a restore point made from changed extents', () => {
  it('equals one for which the whole disk was read', async () => {
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite });
    const disk = sampleDisk('increment', 5 * MiB + 5000);
    const { disk: changed, extents } = changedDisk(disk, 'increment', 12);
    const first = await writeDisk(lab, lab.plane, disk);
    const increment = await writeDisk(lab, lab.plane, changed, { extents }, first.contents);
    await expectRestored(lab, lab.plane, increment.contents, changed);
    const whole = await writeDisk(lab, lab.plane, changed);
    expect(increment.contents.root).toBe(whole.contents.root);
    expect(increment.moved.readBytes).toBeLessThan(whole.moved.readBytes / 2);
  });

  it('reads whatever of its base is no longer there', async () => {
    const whole = new MemoryStore();
    await using lab = await openPlaneLab(whole, { suite: smallSuite, packBytes: 256 * 1024 });
    const disk = noise('eroded', MiB);
    const first = await writeDisk(lab, lab.plane, disk);
    const { disk: changed, extents } = changedDisk(disk, 'eroded', 2);
    const packs = whole.names('packs/');
    expect(packs.length).toBeGreaterThan(3);
    for (const pack of packs) {
      const store = whole.copy();
      store.objects.delete(pack);
      const other = await lab.open({ store }, `cache without ${pack.slice(-8)}`);
      const increment = await writeDisk(lab, other, changed, { extents }, first.contents);
      await expectRestored(lab, other, increment.contents, changed);
      await other.close();
    }
  });

  it.each([
    ['grown', 3 * MiB + 4096],
    ['shrunk', 2 * MiB + 77],
  ])('holds the whole disk when that has %s since', async (_how, sizeBytes) => {
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite });
    const first = await writeDisk(lab, lab.plane, sampleDisk('growing', 2 * MiB + 4096 * 3 + 100));
    const now = Buffer.alloc(sizeBytes);
    sampleDisk('growing', 2 * MiB + 4096 * 3 + 100).copy(now);
    if (sizeBytes > 3 * MiB) noise('new', MiB / 2).copy(now, 2 * MiB + MiB / 2);
    const { contents } = await writeDisk(lab, lab.plane, now, { extents: [] }, first.contents);
    await expectRestored(lab, lab.plane, contents, now);
  });

  it('takes everything else for zeros when it has no base', async () => {
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite });
    const disk = noise('no base', 2 * MiB);
    const extents = [
      { offset: 40_960, length: 8192 },
      { offset: MiB + 100, length: 1 },
    ];
    const expected = Buffer.alloc(disk.length);
    disk.copy(expected, 40_960, 40_960, 49_152);
    disk.copy(expected, MiB, MiB, MiB + 4096);
    const { contents } = await writeDisk(lab, lab.plane, disk, { extents });
    await expectRestored(lab, lab.plane, contents, expected);
  });
});
