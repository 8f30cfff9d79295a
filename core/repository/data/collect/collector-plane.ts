import { type Call, isHoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';
import type { DiskContents } from '../../disk-contents.ts';
import { mapLimited } from '../../documents/map-limited.ts';
import { readObject } from '../../documents/read-object.ts';
import type { ReadList } from '../index/cache-work.ts';
import type { IndexKeeper } from '../index/index-keeper.ts';
import { indexName, MAX_INDEX_BYTES } from '../index/run-object.ts';
import type { ThreadPool } from '../lanes/thread-pool.ts';
import type { PackHeader } from '../packs/format.ts';
import { putObject } from '../write/put-object.ts';
import { type Mark, markDisks } from './mark.ts';
import type { OtherPlaces } from './mark-work.ts';

const PACKS_AT_ONCE = 64;
const RUNS_AT_ONCE = 4;

/** What a collector asks of the data plane. */
export class CollectorPlane {
  readonly #store: ObjectStore;
  readonly #pool: ThreadPool;
  readonly #keeper: IndexKeeper;

  constructor(store: ObjectStore, pool: ThreadPool, keeper: IndexKeeper) {
    this.#store = store;
    this.#pool = pool;
    this.#keeper = keeper;
  }

  /** Lists packs and tombstones anew, then marks all that these disks reach. See `markDisks`. */
  mark(disks: readonly DiskContents[], call: Call): Promise<Mark> {
    return markDisks({ pool: this.#pool, keeper: this.#keeper }, disks, call);
  }

  /** Packs that the store lists now, with their sizes. */
  async listPacks(call: Call): Promise<ReadonlyMap<string, number>> {
    await this.#keeper.refresh(call);
    return new Map(this.#keeper.listing.packs);
  }

  /** Whether a pack is in a tombstone, as of the last listing. */
  isCondemned(pack: string): boolean {
    return this.#keeper.listing.isCondemned(pack);
  }

  /** What packs say of themselves; a header that is damaged is missing. */
  async headers(packs: readonly string[], call: Call): Promise<ReadonlyMap<string, PackHeader>> {
    const headers = new Map<string, PackHeader>();
    await mapLimited(inParts(packs), this.#pool.width, async (some) => {
      throwIfCancelled(call.signal, 'reading the headers of packs');
      const read = await this.#pool.ask<(PackHeader | null)[]>('pack.headers', some, call.signal);
      for (const header of read) if (header !== null) headers.set(header.pack, header);
    });
    return headers;
  }

  /** Packs whose own list is whole and names just the chunks that the index knows to be in them. Only of these can be told what they hold. */
  async understood(packs: readonly string[], mark: Mark, call: Call): Promise<ReadonlySet<string>> {
    const understood = new Set<string>();
    await mapLimited(inParts(packs), this.#pool.width, async (some) => {
      throwIfCancelled(call.signal, 'reading the footers of packs');
      const lists = await this.#pool.ask<ReadList[]>('pack.lists', some, call.signal);
      for (const { pack, list, isWhole } of lists) {
        if (isWhole && sameIds(list, mark.ids(pack))) understood.add(pack);
      }
    });
    return understood;
  }

  /**
   * Packs that say of no chunk to be in them which the index does not know to be there. What is reachable in any other one cannot be told. A pack that is
   * too damaged to say all is asked for what is left.
   */
  async vouched(packs: readonly string[], mark: Mark, call: Call): Promise<ReadonlySet<string>> {
    const vouched = new Set<string>();
    await mapLimited(inParts(packs), this.#pool.width, async (some) => {
      throwIfCancelled(call.signal, 'reading the footers of packs');
      const lists = await this.#pool.ask<ReadList[]>('pack.lists', some, call.signal);
      for (const { pack, list } of lists) {
        const ids = mark.ids(pack);
        if (sameIds(list, ids) || namesOnly(list, ids)) vouched.add(pack);
      }
    });
    return vouched;
  }

  /** Packs, good for new restore points, that hold some chunks too; but for packs that do not count. */
  otherPlaces(ids: Uint8Array, but: readonly string[], call: Call): Promise<OtherPlaces> {
    return this.#pool.ask<OtherPlaces>('mark.others', { index: this.#keeper.shared, ids, but }, call.signal);
  }

  /**
   * Sees to it that no index run names packs that are gone or about to go: a run without any other pack is removed, one with others is
   * written anew without them, before the old one goes.
   * @returns How many runs were removed.
   */
  async forgetPacks(gone: ReadonlySet<string>, call: Call): Promise<number> {
    const names: string[] = [];
    for await (const { name } of this.#store.list('index/', call)) names.push(name);
    const removed = await mapLimited(names, RUNS_AT_ONCE, async (name) => {
      throwIfCancelled(call.signal, 'tidying the index');
      const run = name.slice('index/'.length);
      const packs = await this.#packsOf(run, call);
      // A run that is damaged is left to a repair.
      if (packs === null || !packs.some((pack) => gone.has(pack))) return 0;
      const left = packs.filter((pack) => !gone.has(pack) && this.#keeper.listing.size(pack) !== undefined);
      if (left.length > 0 && !(await this.#putRun(left, call))) return 0;
      await this.#store.remove(name, call);
      return 1;
    });
    return removed.reduce((sum: number, one) => sum + one, 0);
  }

  async #packsOf(run: string, call: Call): Promise<string[] | null> {
    try {
      const bytes = await readObject(this.#store, indexName(run), MAX_INDEX_BYTES, call);
      return await this.#pool.ask<string[] | null>('index.packs', { run, bytes }, call.signal);
    } catch (cause) {
      if (!isHoldfastError(cause, 'OBJECT_NOT_FOUND') && !isHoldfastError(cause, 'REPOSITORY_DAMAGED')) throw cause;
      return null;
    }
  }

  /** Answers `false` when a pack's own list is not whole: then the old run is the best there is. */
  async #putRun(packs: readonly string[], call: Call): Promise<boolean> {
    const lists = await this.#pool.ask<ReadList[]>('pack.lists', packs, call.signal);
    if (lists.length !== packs.length || lists.some(({ isWhole }) => !isWhole)) return false;
    const headers = await this.headers(packs, call);
    const generation = [...headers.values()].reduce((most, header) => Math.max(most, header.generation), 1);
    const order = { lists, generation };
    const { run, bytes } = await this.#pool.ask<{ run: string; bytes: Uint8Array }>('index.encode', order);
    try {
      await putObject(this.#store, indexName(run), bytes, call);
    } catch (cause) {
      // Named by its content: what is there is the same.
      if (!isHoldfastError(cause, 'OBJECT_EXISTS')) throw cause;
    }
    return true;
  }
}

function inParts(packs: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let at = 0; at < packs.length; at += PACKS_AT_ONCE) parts.push(packs.slice(at, at + PACKS_AT_ONCE));
  return parts;
}

/** @param list A footer's list, 48 bytes each, that begin with the id. */
function sameIds(list: Uint8Array, ids: Buffer | null): boolean {
  if (ids === null || (list.length / 48) * 32 !== ids.length) return false;
  for (let from = 0, at = 0; from < list.length; from += 48, at += 32) {
    if (ids.compare(list, from, from + 32, at, at + 32) !== 0) return false;
  }
  return true;
}

/** Whether a list names no other chunks than these. */
function namesOnly(list: Uint8Array, ids: Buffer | null): boolean {
  if (ids === null) return false;
  const known = new Set<string>();
  for (let at = 0; at < ids.length; at += 32) known.add(ids.toString('latin1', at, at + 32));
  const bytes = Buffer.from(list.buffer, list.byteOffset, list.byteLength);
  for (let at = 0; at < bytes.length; at += 48) if (!known.has(bytes.toString('latin1', at, at + 32))) return false;
  return true;
}
