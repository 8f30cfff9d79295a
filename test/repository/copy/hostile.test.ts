import { makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { WindowDigests } from '../../../core/repository/copy/window-digests.ts';
import { WindowsWithData } from '../../../core/repository/copy/windows-with-data.ts';
import { protect } from '../lab.ts';
import { noise } from '../sample-disks.ts';
import { copy, MIB, openFamily, openTwoLabs } from './two-labs.ts';

const WINDOW = 4 * MIB;

describe('a disk that claims to be of 8 PiB', () => {
  const sizeBytes = Number.MAX_SAFE_INTEGER - (Number.MAX_SAFE_INTEGER % WINDOW);

  test('takes no more memory than what is read of it', () => {
    const digests = new WindowDigests(sizeBytes, WINDOW);
    const far = sizeBytes - WINDOW;
    const bytes = Buffer.alloc(WINDOW, 1);
    for (const offset of [0, WINDOW, far]) digests.note(offset, bytes);
    expect([...digests.runs()]).toEqual([
      { offset: 0, length: 2 * WINDOW },
      { offset: far, length: WINDOW },
    ]);
    expect(digests.matches(far, bytes)).toBe(true);
    expect(digests.matches(far, Buffer.alloc(WINDOW, 2))).toBe(false);
    expect(digests.covers({ offset: far + 5, length: 10 })).toBe(true);
    expect(digests.covers({ offset: far - 5, length: 10 })).toBe(false);
  });

  test('with data in every other window is read in fewer and longer stretches', () => {
    const windows = new WindowsWithData(sizeBytes, WINDOW, 1000);
    for (let n = 0; n < 50_000; n++) windows.add({ offset: n * 2 * WINDOW, length: 10 });
    windows.add({ offset: sizeBytes - 1, length: 1 });
    const { extents } = windows;
    expect(extents.length).toBeLessThanOrEqual(1000);
    expect(extents.at(-1)?.offset).toBeLessThan(sizeBytes);
    expect((extents.at(-1)?.offset ?? 0) + (extents.at(-1)?.length ?? 0)).toBe(sizeBytes);
    let end = -1;
    for (const { offset, length } of extents) {
      expect(offset % WINDOW).toBe(0);
      expect(offset).toBeGreaterThan(end);
      end = offset + length;
    }
    const covers = (at: number): boolean => extents.some(({ offset, length }) => offset <= at && at < offset + length);
    for (let n = 0; n < 50_000; n += 997) expect(covers(n * 2 * WINDOW)).toBe(true);
    expect(covers(sizeBytes - 1)).toBe(true);
  });
});

describe.each([
  ['a family', openFamily],
  ['strangers', openTwoLabs],
] as const)('a limit of speed between %s', (_, open) => {
  test('holds over many small copies together, and not only within each', async () => {
    await using labs = await open();
    const { source, destination } = labs;
    const points: string[] = [];
    for (let n = 0; n < 3; n++) {
      const { point } = await protect(source, source.repository, `web-${n}`, { vda: noise(`limit ${n}`, MIB) });
      points.push(point);
    }
    const began = performance.now();
    for (const point of points) await copy(source, destination, point, { bytesPerSecond: MIB }, makeCall());
    // Only ever longer on a machine that is busy.
    expect(performance.now() - began).toBeGreaterThan(2700);
  });
});
