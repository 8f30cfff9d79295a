import { HoldfastError } from '../../../api/errors.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import { type Handlers, Handover } from '../lanes/wire.ts';
import type { PackHeader } from '../packs/format.ts';
import { readPackList } from '../packs/pack-list.ts';
import { CacheFile, PACK_GONE, type SharedCacheFile } from './cache-file.ts';
import { type CacheSource, fileSource, listSource } from './cache-source.ts';
import { writeCacheFile } from './cache-writer.ts';
import type { SharedIndex } from './index-view.ts';
import { decodeRun, encodeRun, type PackList } from './run-object.ts';
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
  readonly lists: readonly FlatList[];
}

export interface CacheMade {
  /** -1 when there is no file, because nothing went in or a source could not be read. */
  readonly records: number;
  /** Index objects that are not whole. */
  readonly bad: readonly { readonly run: string; readonly why: string }[];
}

/** What a thread can be asked for to keep the index. */
export function cacheWork(context: ThreadContext): Handlers {
  return {
    'cache.make': (order: CacheOrder): CacheMade => make(context, order),
    'index.encode': ({ lists, generation }: { lists: readonly FlatList[]; generation: number }) => {
      const { run, bytes } = encodeRun(lists.map(unflatten), generation, context.keys, context.hash);
      const memory = Uint8Array.from(bytes).buffer;
      return new Handover({ run, bytes: new Uint8Array(memory) }, [memory]);
    },
    'cache.check': (shared: SharedCacheFile) => isWhole(new CacheFile(shared)),
    'cache.totals': ({ files }: SharedIndex) => totalsOf(files),
    'index.packs': ({ run, bytes }: { run: string; bytes: Uint8Array }) => packsOfRun(context, run, bytes),
    'pack.headers': (packs: readonly string[]) => readHeaders(context, packs),
    'pack.lists': (packs: readonly string[]) => readLists(context, packs),
  };
}

function make(context: ThreadContext, order: CacheOrder): CacheMade {
  const bad: { run: string; why: string }[] = [];
  const lists: PackList[] = order.lists.map(unflatten);
  for (const { run, bytes } of order.objects) {
    const decoded = decodeRun(run, asBuffer(bytes), context.keys, context.hash);
    if (typeof decoded === 'string') bad.push({ run, why: decoded });
    else lists.push(...decoded);
  }
  const sources: CacheSource[] = [];
  const gone = new Set<string>();
  for (const shared of order.files) {
    const file = new CacheFile(shared);
    file.packs().forEach((pack, number) => {
      if (file.state(number) === PACK_GONE) gone.add(pack);
    });
    sources.push(fileSource(file));
  }
  if (lists.length > 0) sources.push(listSource(lists));
  if (sources.length === 0) return { records: -1, bad };
  try {
    const records = writeCacheFile(order.path, context.suite.repositoryId, sources, (pack) => !gone.has(pack));
    return { records, bad };
  } catch (thrown) {
    throw withoutRoom(thrown, order.path);
  }
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

/** The packs that an index object lists; `null` when it is not whole. */
function packsOfRun(context: ThreadContext, run: string, bytes: Uint8Array): string[] | null {
  const decoded = decodeRun(run, asBuffer(bytes), context.keys, context.hash);
  return typeof decoded === 'string' ? null : decoded.map((list) => list.pack);
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
  for (const pack of packs) {
    using opened = await context.packs.openAnew(pack);
    if (opened === null) continue;
    const { entries, footerDamage } = await readPackList(opened);
    const list = Buffer.alloc(entries.length * 48);
    entries.forEach((entry, number) => {
      const at = number * 48;
      list.set(entry.id, at);
      list.writeUInt32LE(entry.offset, at + 32);
      list.writeUInt32LE(entry.plainBytes, at + 36);
      list.writeUInt32LE(entry.storedBytes, at + 40);
      list.writeUInt32LE(entry.method, at + 44);
    });
    lists.push({ pack, list: Uint8Array.from(list), isWhole: footerDamage === null });
  }
  return lists;
}

const unflatten = ({ pack, list }: FlatList): PackList => ({ pack, list: asBuffer(list) });

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
