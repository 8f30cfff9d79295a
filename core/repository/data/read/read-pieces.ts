import type { Call } from '@holdfast/api';
import type { DiskContents, Piece } from '../../disk-contents.ts';
import { RootHash } from '../map/root-hash.ts';
import { damaged } from './disk-map.ts';
import { piecesOf } from './plan.ts';
import type { ReadingParts } from './reading-parts.ts';
import { readSegmentLists } from './segment-lists.ts';

/** The pieces of a disk in order, segment by segment. Throws `REPOSITORY_DAMAGED` at the first part of the map that is lost. */
export async function* readPieces(
  parts: ReadingParts,
  contents: DiskContents,
  call: Call,
): AsyncGenerator<readonly Piece[]> {
  const root = new RootHash();
  const whole = { offset: 0, length: contents.sizeBytes };
  for await (const { start, length, list } of readSegmentLists(parts, contents, whole, call)) {
    if (list === null) {
      throw damaged(`the map of a disk is lost from ${start} on, for ${length} bytes`, { offset: start, length });
    }
    root.add(list, start);
    yield piecesOf({ start, list });
  }
  checkRoot(root, contents);
}

/** @throws `REPOSITORY_DAMAGED` when the pieces are not those that the restore point was committed with. */
export function checkRoot(root: RootHash, { chunks, dataBytes, root: expected }: DiskContents): void {
  if (root.chunks === chunks && root.dataBytes === dataBytes && root.digest() === expected) return;
  throw damaged('the map of a disk is not the one that the restore point was committed with');
}
