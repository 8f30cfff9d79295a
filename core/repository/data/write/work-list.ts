import type { DiskSource, Extent } from '@holdfast/api';
import type { DiskContents } from '../../disk-contents.ts';
import type { Suite } from '../../suite.ts';
import type { Tracked } from '../lanes/protocol.ts';
import type { LostRange } from '../read/disk-map.ts';
import { extentBytes, normalExtents } from './extents.ts';

/** What is to be read of a disk: units are windows of which all is read, or segments of which only extents are. */
export interface WorkList {
  readonly unitBytes: number;
  /** One byte for each unit: 1 when it is to be read. */
  readonly wanted: Uint8Array;
  /** Bytes that will be read, as far as is known. */
  readonly bytes: number;
  /** `null` when whole windows are read. */
  readonly tracked: Tracked | null;
}

/** Reads whole windows: all that may hold data. */
export function wholeWork(sizeBytes: number, suite: Suite, allocated: readonly Extent[]): WorkList {
  const { windowBytes } = suite.chunker;
  const wanted = new Uint8Array(Math.ceil(sizeBytes / windowBytes));
  for (const { offset, length } of allocated) {
    if (length <= 0) continue;
    wanted.fill(1, Math.floor(offset / windowBytes), Math.ceil((offset + length) / windowBytes));
  }
  let bytes = 0;
  for (let at = wanted.indexOf(1); at >= 0; at = wanted.indexOf(1, at + 1)) {
    bytes += Math.min(windowBytes, sizeBytes - at * windowBytes);
  }
  return { unitBytes: windowBytes, wanted, bytes, tracked: null };
}

/** What is known of an older state of the disk. */
export interface Base {
  readonly contents: DiskContents;
  /** Ids of its segment lists, 32 bytes each, zeros for segments without data. */
  readonly ids: Uint8Array;
  /** Parts whose map is lost, with the page that is. */
  readonly lost: readonly LostRange[];
}

/**
 * Reads extents only.
 * @param base What all else is; `null` for zeros.
 */
export function trackedWork(from: DiskSource, suite: Suite, changed: readonly Extent[], base: Base | null): WorkList {
  const { segmentBytes, chunker } = suite;
  const { sizeBytes } = from;
  const count = Math.ceil(sizeBytes / segmentBytes);
  const all = base === null ? [...changed] : [...changed, ...base.lost];
  const oldSize = base?.contents.sizeBytes ?? sizeBytes;
  // What a disk has grown by nobody has seen before.
  if (oldSize < sizeBytes) all.push({ offset: oldSize, length: sizeBytes - oldSize });
  const extents = normalExtents(all, sizeBytes, chunker.blockBytes);
  const wanted = new Uint8Array(count);
  for (let i = 0; i < extents.length; i += 2) {
    const [start = 0, end = 0] = extents.subarray(i, i + 2);
    wanted.fill(1, Math.floor(start / segmentBytes), Math.ceil(end / segmentBytes));
  }
  let ids: Uint8Array | null = null;
  if (base !== null) {
    ids = new Uint8Array(new SharedArrayBuffer(count * 32));
    ids.set(base.ids.subarray(0, count * 32));
    for (let at = 0; at < ids.length; at++) if (ids[at] !== 0) wanted[at >> 5] = 1;
  }
  return { unitBytes: segmentBytes, wanted, bytes: extentBytes(extents), tracked: { extents, base: ids } };
}
