import type { Call } from '@holdfast/api';
import type { DiskContents } from '../../disk-contents.ts';
import type { Base } from '../write/work-list.ts';
import { DiskMap, type LostRange, type ReadChunk } from './disk-map.ts';

/** The ids of the segment lists of a disk, all of them. */
export async function readBase(contents: DiskContents, read: ReadChunk, call: Call): Promise<Base> {
  const ids = new Uint8Array(Math.ceil(contents.sizeBytes / contents.segmentBytes) * 32);
  const lost: LostRange[] = [];
  const whole = { offset: 0, length: contents.sizeBytes };
  for await (const item of new DiskMap(contents, read).segments(whole, call)) {
    if ('lost' in item) lost.push(item.lost);
    else ids.set(item.segment.id, (item.segment.start / contents.segmentBytes) * 32);
  }
  return { contents, ids, lost };
}
