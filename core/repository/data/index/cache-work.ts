import { HoldfastError } from '../../../api/errors.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import { type Handlers, Handover } from '../lanes/wire.ts';
import { encodeList } from '../packs/encode-list.ts';
import type { PackHeader } from '../packs/format.ts';
import { readPackList } from '../packs/pack-list.ts';
import { release } from '../packs/release.ts';
import { CacheFile, PACK_GONE, type SharedCacheFile } from './cache-file.ts';
import { type CacheSource, fileSource, listSource } from './cache-source.ts';
import { writeCacheFile } from './cache-writer.ts';
import { compareRun } from './compare-run.ts';
import type { SharedIndex } from './index-view.ts';
import { decodeRun, encodeRun, isUnknownRun, type PackList } from './run-object.ts';
import { totalsOf } from './totals.ts';

/** A list of a pack as it travels between threads. */
export interface FlatList {
  readonly pack: string;
  readonly list: Uint8Array;
}

/** A list that was read from a pack. */
export interface ReadList extends FlatList {
  /** Whether the pack's footer is whole; if not, the list holds what the records tell. */
  readonly isWhole: boolean;
}

/** What a cache file is to be made from. */
export interface CacheOrder {
  readonly path: string;
  readonly files: readonly SharedCacheFile[];
  readonly objects: readonly { readonly run: string; readonly bytes: Uint8Array }[];
  readonly lists: readonly (FlatList & { readonly isWhole?: boolean })[];
  /** Packs of the objects that may be compared with their own lists. */
  readonly compare: number;
  /** Files that stay: what they know of packs is not taken from elsewhere once more. */
  readonly others: readonly SharedCacheFile[];
  /** Index runs that the new file is to name, besides the objects. */
  readonly runs: readonly string[];
}

export interface CacheMade {
  /** -1 when there is no file, because nothing went in or a source could not be read. */
  readonly records: number;
  /** Index objects that are not whole. */
  readonly bad: readonly { readonly run: string; readonly why: string }[];
  /** Packs that were compared with their own lists. */
  readonly compared: number;
}

/** What a thread can be asked for to keep the index. */
export function cacheWork(context: ThreadContext): Handlers {
  return {
    'cache.make': (order: CacheOrder): Promise<CacheMade> => make(context, order),
    'index.encode': ({ lists, generation }: { lists: readonly FlatList[]; generation: number }) => {
      const { run, bytes } = encodeRun(lists.map(unflatten), generation, context.keys, context.hash);
      const memory = Uint8Array.from(bytes).buffer;
      return new Handover({ run, bytes: new Uint8Array(memory) }, [memory]);
    },
    'cache.check': (shared: SharedCacheFile) => isWhole(new CacheFile(shared)),
    'cache.totals': ({ files }: SharedIndex) => totalsOf(files),
    'index.packs': ({ run, bytes }: { run: string; bytes: Uint8Array }) => packsOfRun(context, run, bytes),
    'index.unknown': ({ run, bytes }: { run: string; bytes: Uint8Array }) =>
      isUnknownRun(run, asBuffer(bytes), context.keys),
    'index.wrong': ({ run, bytes }: { run: string; bytes: Uint8Array }) => wrongOfRun(context, run, bytes),
    'pack.headers': (packs: readonly string[]) => readHeaders(context, packs),
    'pack.lists': (packs: readonly string[]) => readLists(context, packs),
  };
}

async function make(context: ThreadContext, order: CacheOrder): Promise<CacheMade> {
  const bad: { run: string; why: string }[] = [];
  const runs = [...order.runs];
  const decodedLists: PackList[] = [];
  const given: PackList[] = order.lists.map((list) => ({ ...unflatten(list), isPartial: list.isWhole === false }));
  let compared = 0;
  for (const { run, bytes } of order.objects) {
    const decoded = decodeRun(run, asBuffer(bytes), context.keys, context.hash);
    const most = Math.max(1, order.compare - compared);
    const wrong = typeof decoded === 'string' ? decoded : await compareRun(context.packs, decoded, most);
    if (typeof decoded === 'string' || wrong !== null) bad.push({ run, why: wrong ?? '' });
    else {
      for (const list of decoded) decodedLists.push(list);
      release(bytes);
      runs.push(run);
    }
    compared += typeof decoded === 'string' ? 0 : Math.min(most, decoded.length);
  }
  const lists = [...given, ...decodedLists];
  const others = order.others.map((shared) => new CacheFile(shared));
  const sources = order.files.map((shared) => fileSource(new CacheFile(shared)));
  if (lists.length > 0) sources.push(listSource(lists));
  if (sources.length === 0 && runs.length === 0) return { records: -1, bad, compared };
  const gone = new Set<string>();
  for (const [at, source] of sources.entries()) {
    const shared = order.files[at];
    const file = shared === undefined ? null : new CacheFile(shared);
    source.packs.forEach((pack, number) => {
      if (file?.state(number) === PACK_GONE || isKnown(others, source, pack, number)) gone.add(pack);
    });
  }
  try {
    const keep = (pack: string): boolean => !gone.has(pack);
    return { records: writeCacheFile(order.path, context.suite.repositoryId, sources, keep, runs), bad, compared };
  } catch (thrown) {
    throw withoutRoom(thrown, order.path);
  } finally {
    for (const { list } of decodedLists) release(list);
    for (const source of sources) source.end();
  }
}

/** Whether one of the files says of a pack just what a source says. */
function isKnown(files: readonly CacheFile[], source: CacheSource, pack: string, number: number): boolean {
  return files.some((file) => {
    const there = file.packNumber(pack);
    if (there < 0 || file.packBytes(there) === 0 || file.packBytes(there) !== source.packBytes(number)) return false;
    const ids = file.packIds(there);
    return ids !== null && source.ids(number)?.equals(ids) === true;
  });
}

/** The cache lies on this machine, not on the target: that is where room is wanted. */
function withoutRoom(thrown: unknown, path: string): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : '';
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return thrown;
  return new HoldfastError('DISK_SPACE', `no room left for the index cache ${path}`, {
    facts: { path },
    cause: thrown,
  });
}

/** Reads all of a cache file. */
function isWhole(file: CacheFile): boolean {
  for (let bucket = 0; bucket < 2 ** file.layout.bucketBits; bucket++) if (file.bucket(bucket) === null) return false;
  for (let pack = 0; pack < file.layout.packs; pack++) if (file.packIds(pack) === null) return false;
  return true;
}

/** The packs that an index object lists; `null` when it is not whole or says of them what they do not say themselves. */
async function packsOfRun(context: ThreadContext, run: string, bytes: Uint8Array): Promise<string[] | null> {
  const decoded = decodeRun(run, asBuffer(bytes), context.keys, context.hash);
  if (typeof decoded === 'string' || (await compareRun(context.packs, decoded)) !== null) return null;
  return decoded.map((list) => list.pack);
}

/** What is wrong with an index object, in words; `null` when nothing is. */
function wrongOfRun(context: ThreadContext, run: string, bytes: Uint8Array): string | null | Promise<string | null> {
  const decoded = decodeRun(run, asBuffer(bytes), context.keys, context.hash);
  return typeof decoded === 'string' ? decoded : compareRun(context.packs, decoded);
}

/** What packs say of themselves; `null` for a header that is damaged. */
async function readHeaders(context: ThreadContext, packs: readonly string[]): Promise<(PackHeader | null)[]> {
  const headers: (PackHeader | null)[] = [];
  for (const pack of packs) {
    using opened = await context.packs.openAnew(pack);
    headers.push(opened?.header ?? null);
  }
  return headers;
}

/** The lists of packs, by their own footers. */
async function readLists(context: ThreadContext, packs: readonly string[]): Promise<ReadList[]> {
  const lists: ReadList[] = [];
  const held = new Set(context.keys.generations());
  for (const pack of packs) {
    using opened = await context.packs.openAnew(pack);
    // Of a pack whose key is not held nobody can say what is in it: it stays unknown, and is not empty.
    if (opened === null || (opened.header !== null && !held.has(opened.header.generation))) continue;
    const { entries, footerDamage } = await readPackList(opened);
    lists.push({ pack, list: Uint8Array.from(encodeList(entries)), isWhole: footerDamage === null });
  }
  return lists;
}

const unflatten = ({ pack, list }: FlatList): PackList => ({ pack, list: asBuffer(list) });

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
