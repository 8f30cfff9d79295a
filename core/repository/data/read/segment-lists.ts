import { type Call, type Extent, throwIfCancelled } from '@holdfast/api';
import type { DiskContents } from '../../disk-contents.ts';
import { SecondLook } from '../index/second-look.ts';
import { DiskMap, type LostRange } from './disk-map.ts';
import type { NamedSegment } from './read-work.ts';
import type { ReadingParts } from './reading-parts.ts';

/** Segments whose lists are asked for together. */
const TOGETHER = 8;

/** A segment with its list; `list` is `null` when the list, or the map page that names it, is lost. */
export interface SegmentList {
  readonly start: number;
  readonly length: number;
  readonly list: Uint8Array | null;
}

/** The lists of the segments that touch a range, in order; the next ones are fetched while these are looked at. */
export async function* readSegmentLists(
  parts: ReadingParts,
  contents: DiskContents,
  range: Extent,
  call: Call,
): AsyncGenerator<SegmentList> {
  const secondLook = new SecondLook(parts.keeper, call);
  let ahead: Promise<SegmentList[]> = Promise.resolve([]);
  for await (const batch of batches(new DiskMap(contents, parts.readChunk).segments(range, call))) {
    throwIfCancelled(call.signal, 'reading the map of a disk');
    const next = fetchLists(parts, batch, secondLook, call);
    next.catch(() => {});
    yield* await ahead;
    ahead = next;
  }
  yield* await ahead;
}

type Item = { readonly segment: NamedSegment } | { readonly lost: LostRange };

async function* batches(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let batch: Item[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < TOGETHER) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function fetchLists(
  parts: ReadingParts,
  batch: readonly Item[],
  secondLook: SecondLook,
  call: Call,
): Promise<SegmentList[]> {
  const segments = batch.flatMap((item) => ('segment' in item ? [item.segment] : []));
  const ask = () =>
    parts.pool.ask<(Uint8Array | null)[]>('read.lists', { index: parts.keeper.shared, segments }, call.signal);
  let lists = await ask();
  if (lists.includes(null)) {
    await secondLook.take();
    lists = await ask();
  }
  let next = 0;
  return batch.map((item) => {
    if ('lost' in item) return { start: item.lost.offset, length: item.lost.length, list: null };
    return { start: item.segment.start, length: item.segment.length, list: lists[next++] ?? null };
  });
}
