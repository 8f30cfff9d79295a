import type { IndexView } from '../index/index-view.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import { readPackList } from '../packs/pack-list.ts';
import type { PackScanner } from '../packs/scan-pack.ts';

/** What a damaged pack still gives. Ids are 32 bytes each. */
export interface InspectedPack {
  readonly pack: string;
  readonly isThere: boolean;
  /** Nothing is wrong with it after all. */
  readonly isWhole: boolean;
  /** Set when the device or the target failed, or nobody here can open it: it may be whole. */
  readonly isUnreadable: boolean;
  /** Chunks that are whole by the pack's own list: they can be moved. */
  readonly whole: Uint8Array;
  /** Chunks that only the index leads to, because the pack's own list no longer does. */
  readonly stray: Uint8Array;
  /** Chunks that are known to have been in it, and that it does not give. */
  readonly lost: Uint8Array;
}

/** Reads a pack through, opens every chunk in it, and looks where the index says that there are more. */
export async function inspectPack(
  context: ThreadContext,
  scanner: PackScanner,
  index: IndexView,
  pack: string,
): Promise<InspectedPack> {
  const scanned = await scanner.scan(pack, true, index.idsOf(pack));
  const bad = new Set(scanned.lost.map(keyOf));
  const { problems } = scanned;
  const isUnreadable = scanned.isUnreadable || scanned.kind === 'unknown';
  const isThere = scanned.kind !== 'missing';
  const whole = isThere && !isUnreadable ? (await listed(context, pack)).filter((id) => !bad.has(keyOf(id))) : [];
  const stray: Uint8Array[] = [];
  const lost: Uint8Array[] = [];
  for (const id of scanned.lost) {
    const places = index.all(id).filter((place) => place.pack === pack);
    const isStray = isThere && !isUnreadable && (await context.chunks.read(id, places)) !== null;
    (isStray ? stray : lost).push(id);
  }
  const ids = { whole: joined(whole), stray: joined(stray), lost: joined(lost) };
  return { pack, isThere, isWhole: problems.length === 0, isUnreadable, ...ids };
}

/** The chunks that a pack lists, each once. */
async function listed(context: ThreadContext, pack: string): Promise<Uint8Array[]> {
  using opened = await context.packs.openAnew(pack);
  const { entries } = opened === null ? { entries: [] } : await readPackList(opened);
  return [...new Map(entries.map(({ id }) => [keyOf(id), Uint8Array.from(id)])).values()];
}

const keyOf = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');
const joined = (ids: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(ids));
