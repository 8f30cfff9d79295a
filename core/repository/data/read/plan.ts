import type { CacheHit } from '../index/cache-file.ts';
import type { IndexView } from '../index/index-view.ts';
import { PIECE_BYTES } from '../map/segment-list.ts';
import { RECORD_OVERHEAD } from '../packs/format.ts';

/** A segment of a disk whose list is known. */
export interface ListedSegment {
  readonly start: number;
  readonly list: Uint8Array;
}

/** A piece of a disk to be had. */
export interface WantedPiece {
  readonly offset: number;
  readonly length: number;
  readonly id: Uint8Array;
}

/** Records that lie near one another in a pack, with where they go. */
export interface ReadTask {
  readonly pack: string;
  /** First byte to be read, and how many. */
  readonly at: number;
  readonly length: number;
  /** For each piece `ENTRY_WORDS` numbers: see `entry`. */
  readonly entries: Float64Array;
  /** For each piece its chunk id, 32 bytes. */
  readonly ids: Uint8Array;
}

/** Disk offset, length of the piece, offset in the pack, stored length, plain length, method, record number. */
export const ENTRY_WORDS = 7;
const MOST_READ = 4 * 1024 * 1024;
const MOST_GAP = 128 * 1024;

interface Placed {
  readonly piece: WantedPiece;
  readonly hit: CacheHit;
}

/**
 * Finds the pieces in packs and orders the reading: pack by pack, front to back, near records together.
 * @param place Which of the places where a chunk lies, the best being 0: the next one when those before turned out not to be whole.
 */
export function planPieces(
  pieces: readonly WantedPiece[],
  index: IndexView,
  place = 0,
): { readonly tasks: ReadTask[]; readonly missing: WantedPiece[] } {
  const byPack = new Map<string, Placed[]>();
  const missing: WantedPiece[] = [];
  for (const piece of pieces) {
    const hit = index.all(piece.id).filter(({ plainBytes }) => plainBytes === piece.length)[place];
    if (hit === undefined) {
      missing.push(piece);
      continue;
    }
    const placed = byPack.get(hit.pack);
    if (placed === undefined) byPack.set(hit.pack, [{ piece, hit }]);
    else placed.push({ piece, hit });
  }
  const tasks: ReadTask[] = [];
  for (const [pack, placed] of byPack) {
    placed.sort((a, b) => a.hit.offset - b.hit.offset || a.piece.offset - b.piece.offset);
    for (const run of coalesce(placed)) tasks.push(taskOf(pack, run));
  }
  return { tasks, missing };
}

export function piecesOf({ start, list }: ListedSegment): WantedPiece[] {
  const view = new DataView(list.buffer, list.byteOffset, list.byteLength);
  const pieces: WantedPiece[] = [];
  for (let at = 0; at < list.length; at += PIECE_BYTES) {
    pieces.push({
      offset: start + view.getUint32(at, true),
      length: view.getUint32(at + 4, true),
      id: list.subarray(at + 8, at + PIECE_BYTES),
    });
  }
  return pieces;
}

const endOf = ({ hit }: Placed): number => hit.offset + hit.storedBytes + RECORD_OVERHEAD;

function* coalesce(placed: readonly Placed[]): Iterable<readonly Placed[]> {
  let first = 0;
  for (let next = 1; next <= placed.length; next++) {
    const before = placed[next - 1] as Placed;
    const after = placed[next];
    const start = (placed[first] as Placed).hit.offset;
    if (after !== undefined && after.hit.offset - endOf(before) <= MOST_GAP && endOf(after) - start <= MOST_READ)
      continue;
    yield placed.slice(first, next);
    first = next;
  }
}

function taskOf(pack: string, run: readonly Placed[]): ReadTask {
  const entries = new Float64Array(run.length * ENTRY_WORDS);
  const ids = new Uint8Array(run.length * 32);
  run.forEach(({ piece, hit }, i) => {
    const { offset, storedBytes, plainBytes, method, record } = hit;
    entries.set([piece.offset, piece.length, offset, storedBytes, plainBytes, method, record], i * ENTRY_WORDS);
    ids.set(piece.id, i * 32);
  });
  const at = (run[0] as Placed).hit.offset;
  return { pack, at, length: endOf(run[run.length - 1] as Placed) - at, entries, ids };
}
