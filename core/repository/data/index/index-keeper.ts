import { closeSync } from 'node:fs';
import { type Call, isHoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';
import { mapLimited } from '../../documents/map-limited.ts';
import type { DocumentKeys } from '../../documents/sealed-document.ts';
import type { ThreadPool } from '../lanes/thread-pool.ts';
import { release } from '../packs/release.ts';
import { CacheFile, PACK_GONE } from './cache-file.ts';
import { CacheFolder, type NamedCacheFile } from './cache-folder.ts';
import type { CacheMade, CacheOrder, FlatList, ReadList } from './cache-work.ts';
import { type FetchedRun, fetchRuns, type ListedRun } from './fetch-runs.ts';
import { IndexView, type SharedIndex } from './index-view.ts';
import { chooseMerge } from './merge-choice.ts';
import { PackListing } from './pack-listing.ts';
import { readTombstones } from './tombstones.ts';

/** What an index keeper works with. */
export interface KeeperParts {
  readonly store: ObjectStore;
  readonly keys: DocumentKeys;
  readonly folder: string;
  readonly pool: ThreadPool;
  /** Looks whether the keys were rotated. */
  readonly learn?: (call: Call) => Promise<unknown>;
}

/** Packs whose footers one thread reads at a time. */
const FOOTER_PACKS = 32;
/** Files that may lie side by side while the whole index is fetched. */
const MOST_LOOSE_FILES = 32;
/** Packs that no index run tells of while their writers are at work: more are missing only when index runs were read and then lost. */
const MOST_UNTOLD = 1024;
/** Packs that are asked whether an index run says of them what they say themselves; beyond these only the first of each run. */
const MOST_COMPARED = 1024;

/**
 * Knows which chunks the repository has: brings the local cache up to date with the packs that the store lists, from index runs where
 * there are good ones, from the packs' own footers where there are not.
 */
export class IndexKeeper {
  readonly listing = new PackListing();
  readonly #parts: KeeperParts;
  readonly #folder: CacheFolder;
  #files: NamedCacheFile[] | null = null;
  /** Index runs that the cache files name. */
  #absorbed = new Set<string>();
  #compare = MOST_COMPARED;
  /** Packs of which only a part could be listed, and the size that they had. */
  readonly #partial = new Map<string, number>();
  /** Index objects that turned out not to be whole. */
  readonly #bad = new Set<string>();
  #view = new IndexView({ version: 0, files: [] });
  #shared: SharedIndex = { version: 0, files: [] };
  /** Descriptors of files that are used no more. */
  #retired: number[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#folder = new CacheFolder(parts.folder, parts.keys.repositoryId);
  }

  /** For threads. */
  get shared(): SharedIndex {
    return this.#shared;
  }

  /** For the main thread. */
  get view(): IndexView {
    return this.#view;
  }

  /** Brings everything up to date with the store. */
  refresh(call: Call): Promise<void> {
    return this.#alone(async () => {
      // Before anything is read: what cannot be opened must not be noted as empty.
      await this.#parts.learn?.(call);
      this.#closeRetired();
      await this.#load(call.log);
      const dying = await readTombstones(this.#parts.store, this.#parts.keys, call);
      await this.listing.refresh(this.#parts.store, dying, call);
      await this.#cover(call);
      await this.#publish();
      await this.#merge();
    });
  }

  /** Adds packs that have just been stored, with their index run. */
  add(run: string, packs: readonly (FlatList & { readonly sizeBytes: number })[], call: Call): Promise<void> {
    return this.#alone(async () => {
      await this.#load(call.log);
      for (const { pack, sizeBytes } of packs) this.listing.add(pack, sizeBytes);
      try {
        await this.#make({ lists: packs.map(({ pack, list }) => ({ pack, list })), runs: [run] });
      } catch (cause) {
        // What was stored is durable and indexed in the store; only this machine does not know it until it looks there.
        if (!isHoldfastError(cause, 'DISK_SPACE')) throw cause;
        call.log('warn', cause.message);
      }
      await this.#publish();
    });
  }

  /** Something that should be there was not found: looks again, and makes anew what is damaged on this machine. */
  async lookAgain(call: Call): Promise<void> {
    await this.#alone(async () => {
      for (const file of await this.#load(call.log)) {
        // A pack of which only a part was there when it was listed may be whole by now.
        const isWhole = !new CacheFile(file.shared).hasPartial((pack) => this.#isResized(pack));
        if (isWhole && (await this.#parts.pool.ask<boolean>('cache.check', file.shared))) continue;
        await this.#retire([file]);
      }
      await this.#publish();
    });
    await this.refresh(call);
  }

  /** Whether a pack has another size than when this was asked last. */
  #isResized(pack: string): boolean {
    const size = this.listing.size(pack);
    const isResized = size !== undefined && this.#partial.get(pack) !== size;
    if (size !== undefined) this.#partial.set(pack, size);
    return isResized;
  }

  async close(): Promise<void> {
    await this.#alone(async () => {
      for (const fd of [...this.#retired, ...(this.#files ?? []).map(({ shared }) => shared.fd)]) closeSync(fd);
      this.#retired = [];
      this.#files = [];
      await this.#folder.close();
    });
  }

  /** One change at a time. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #load(log: Call['log']): Promise<NamedCacheFile[]> {
    if (this.#files === null) {
      this.#files = await this.#folder.load(log);
      this.#noteRuns();
    }
    return this.#files;
  }

  async #publish(): Promise<void> {
    const files = this.#files ?? [];
    for (const file of files) await this.#setStates(file);
    this.#shared = { version: this.#shared.version + 1, files: files.map((file) => file.shared) };
    this.#view = new IndexView(this.#shared);
  }

  #noteRuns(): void {
    this.#absorbed = new Set((this.#files ?? []).flatMap(({ shared }) => new CacheFile(shared).runs()));
  }

  #setStates({ shared }: NamedCacheFile): Promise<void> {
    return new CacheFile(shared).setStates((pack, bytes) => this.listing.state(pack, bytes));
  }

  /** Packs that no cache file knows. */
  async #uncovered(): Promise<string[]> {
    const uncovered = new Set(this.listing.packs.keys());
    for (const { shared } of this.#files ?? []) {
      for (const pack of new CacheFile(shared).packs()) uncovered.delete(pack);
      await new Promise(setImmediate);
    }
    return [...uncovered];
  }

  async #cover(call: Call): Promise<void> {
    if ((await this.#uncovered()).length === 0) return;
    const runs: ListedRun[] = [];
    for await (const { name, sizeBytes } of this.#parts.store.list('index/', call)) {
      const run = /^index\/([0-9a-f]{32})$/.exec(name)?.[1];
      if (run !== undefined && !this.#bad.has(run)) runs.push({ run, sizeBytes });
    }
    const before = runs.filter(({ run }) => this.#absorbed.has(run));
    await this.#absorb(
      runs.filter(({ run }) => !this.#absorbed.has(run)),
      call,
    );
    const untold = await this.#uncovered();
    if (untold.length > MOST_UNTOLD) await this.#absorb(before, call);
    await this.#readFooters(untold.length > MOST_UNTOLD ? await this.#uncovered() : untold, call);
  }

  async #absorb(runs: readonly ListedRun[], call: Call): Promise<void> {
    const leaveOut = (run: string, why: string): void => {
      this.#bad.add(run);
      call.log('warn', `index/${run} is left out of account: ${why}`);
    };
    const batches = fetchRuns(this.#parts.store, runs, leaveOut, call);
    let isMore = true;
    // With all threads, for on a machine that has never seen the repository a backup waits for this.
    const lane = async (): Promise<void> => {
      while (isMore && (this.#files ?? []).length < MOST_LOOSE_FILES) {
        const next = await batches.next();
        if (next.done === true) isMore = false;
        else await this.#absorbBatch(next.value, call);
      }
    };
    while (isMore) {
      const ends = await Promise.allSettled(Array.from({ length: this.#parts.pool.width }, lane));
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      if (isMore) await this.#merge();
    }
  }

  async #absorbBatch(objects: readonly FetchedRun[], call: Call): Promise<void> {
    const { bad, compared } = await this.#make({ objects, compare: this.#compare });
    this.#compare = Math.max(0, this.#compare - compared);
    // A lane that is no thread has done so already.
    for (const { bytes } of objects) if (bytes.length > 0) release(bytes);
    for (const { run, why } of bad) {
      this.#bad.add(run);
      call.log('warn', `index/${run} ${why}; its packs are read instead`);
    }
  }

  async #readFooters(packs: readonly string[], call: Call): Promise<void> {
    const parts: string[][] = [];
    for (let at = 0; at < packs.length; at += FOOTER_PACKS) parts.push(packs.slice(at, at + FOOTER_PACKS));
    const lists = await mapLimited(parts, this.#parts.pool.width, (part) => {
      throwIfCancelled(call.signal, 'reading the footers of packs');
      return this.#parts.pool.ask<ReadList[]>('pack.lists', part, call.signal);
    });
    if (packs.length > 0) await this.#make({ lists: lists.flat() });
  }

  /** Makes a cache file; of what files say that stay nothing goes in once more. */
  async #make(order: Partial<CacheOrder>): Promise<CacheMade> {
    const path = this.#folder.newPath();
    const merged = order.files ?? [];
    const others = (this.#files ?? []).map(({ shared }) => shared).filter((shared) => !merged.includes(shared));
    const whole: CacheOrder = { files: [], objects: [], lists: [], compare: 0, runs: [], others, ...order, path };
    const made = await this.#parts.pool.ask<CacheMade>('cache.make', whole);
    const file = made.records < 0 ? null : this.#folder.open(path);
    if (file === null) return made;
    // Before anybody sees it: without this all its packs would be taken for gone.
    await this.#setStates(file);
    this.#files?.push(file);
    for (const run of new CacheFile(file.shared).runs()) this.#absorbed.add(run);
    return made;
  }

  /** Keeps the number of files small, so that a lookup asks few. */
  async #merge(): Promise<void> {
    const chosen = chooseMerge(this.#files ?? [], ({ shared }) => {
      const file = new CacheFile(shared);
      let gone = 0;
      for (let pack = 0; pack < file.layout.packs; pack++) if (file.state(pack) === PACK_GONE) gone++;
      return { records: file.layout.records, isMostlyGone: gone * 2 > file.layout.packs };
    });
    if (chosen.length === 0) return;
    const files = chosen.map((file) => file.shared);
    const runs = [...new Set(files.flatMap((shared) => new CacheFile(shared).runs()))];
    const { records } = await this.#make({ files, runs });
    if (records >= 0) await this.#retire(chosen);
    await this.#publish();
  }

  async #retire(files: readonly NamedCacheFile[]): Promise<void> {
    this.#files = (this.#files ?? []).filter((file) => !files.includes(file));
    for (const { shared } of files) {
      // What nobody has been shown nobody reads: its room on the disk is wanted.
      if (this.#shared.files.includes(shared)) this.#retired.push(shared.fd);
      else closeSync(shared.fd);
    }
    this.#noteRuns();
    for (const file of files) await this.#folder.remove(file.path);
  }

  /** A thread may still read through a descriptor while any of them works. */
  #closeRetired(): void {
    if (!this.#parts.pool.isIdle) return;
    for (const fd of this.#retired) closeSync(fd);
    this.#retired = [];
  }
}
