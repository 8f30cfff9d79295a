import type { Extent } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';

/** Extents in ascending order, merged, widened to whole blocks and clipped to the disk: start and end of each in turn. */
export function normalExtents(extents: readonly Extent[], sizeBytes: number, blockBytes: number): Float64Array {
  const ranges: [number, number][] = [];
  for (const { offset, length } of extents) {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
      throw new HoldfastError('DISK_INVALID', `changed blocks are said to lie at ${offset}, ${length} bytes long`);
    }
    const start = offset - (offset % blockBytes);
    const end = Math.min(sizeBytes, Math.ceil((offset + length) / blockBytes) * blockBytes);
    if (length > 0 && start < end) ranges.push([start, end]);
  }
  ranges.sort((a, b) => a[0] - b[0]);
  const merged: number[] = [];
  for (const [start, end] of ranges) {
    const last = merged.length - 1;
    if (last > 0 && start <= (merged[last] ?? 0)) merged[last] = Math.max(merged[last] ?? 0, end);
    else merged.push(start, end);
  }
  const shared = new Float64Array(new SharedArrayBuffer(Math.max(8, merged.length * 8)), 0, merged.length);
  shared.set(merged);
  return shared;
}

/** The parts of some extents that fall into a range, as starts and ends from its beginning. */
export function extentsWithin(extents: Float64Array, from: number, to: number): { start: number; end: number }[] {
  const found: { start: number; end: number }[] = [];
  let low = 0;
  let high = extents.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((extents[middle * 2 + 1] ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i * 2 < extents.length; i++) {
    const start = Math.max(from, extents[i * 2] ?? 0);
    const end = Math.min(to, extents[i * 2 + 1] ?? 0);
    if (start >= to) break;
    if (start < end) found.push({ start: start - from, end: end - from });
  }
  return found;
}

/** Bytes in all. */
export function extentBytes(extents: Float64Array): number {
  let bytes = 0;
  for (let i = 0; i < extents.length; i += 2) bytes += (extents[i + 1] ?? 0) - (extents[i] ?? 0);
  return bytes;
}
