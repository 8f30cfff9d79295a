import type { Call, DedupeMode, DiskSink, DiskSource, MoveOptions, MoveResult, ObjectStore } from '@holdfast/api';
import type { CollectorPlane } from './data/collect/collector-plane.ts';
import type { MovedRecords, MoveRecords } from './data/collect/move-records.ts';
import type { GroupedChunks } from './data/collect/move-work.ts';
import type { RecordSource } from './data/collect/record-mover.ts';
import type { ServedDisk, ServedSource } from './data/lanes/served-disk.ts';
import type { WeighedPack } from './data/salvage/weigh-packs.ts';
import type { DiskContents, Piece } from './disk-contents.ts';
import type { RepositorySecrets, Suite } from './suite.ts';

/** Options of `openDataPlane`. */
export interface DataPlaneOptions {
  readonly store: ObjectStore;
  readonly suite: Suite;
  readonly secrets: RepositorySecrets;
  readonly cacheFolder: string;
  /** Worker threads; with 0 all is done in the thread that asks, one thing at a time. */
  readonly workers: number;
  readonly level: number;
  /** Bytes at which a pack is sealed. Default is 32 MiB; tests use less. */
  readonly packBytes?: number;
  /** Looks whether the keys were rotated by somebody else; called before the index is brought up to date. */
  readonly learn?: (call: Call) => Promise<unknown>;
}

/** What a writer has put, all of it durable. */
export interface Flushed {
  /** Index runs. */
  readonly runs: readonly string[];
  /** Packs that landed, to be deduplicated later, with their sizes. */
  readonly landed: ReadonlyMap<string, number>;
  /** Of all objects. */
  readonly storedBytes: number;
}

/** Writes the chunks of one restore point, under one lease. */
export interface DataWriter {
  /**
   * Cuts, deduplicates, compresses, seals and stores a disk. With `base` and `how.extents` only the extents are read and the rest is taken from `base`.
   */
  writeDisk(
    from: DiskSource,
    base: DiskContents | null,
    how: MoveOptions,
    call: Call,
  ): Promise<{ readonly contents: DiskContents; readonly moved: MoveResult }>;
  /** Waits until every pack that this writer made or named is durable, then puts its index runs. */
  flush(call: Call): Promise<Flushed>;
  /** Lets go of buffers; packs that were put stay, unreachable, for the collector. Idempotent. */
  abandon(): Promise<void>;
}

/** What is wrong with one pack. */
export interface PackDamage {
  readonly object: string;
  readonly kind: 'missing' | 'damaged' | 'foreign' | 'unknown';
  readonly detail: string;
  /** Chunks that cannot be had from this pack, where their ids are known. */
  readonly lost: readonly Uint8Array[];
  /** Whether a tombstone names the pack: nothing new is built upon it. */
  readonly isCondemned: boolean;
}

/** Progress and sums of a scan over packs. */
export interface PackScan {
  readonly packs: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly damage: readonly PackDamage[];
}

/** Chunks in packs, found by index, moved by worker threads. Knows nothing of manifests, keys on disk or commits. */
export interface DataPlane {
  /** Lists packs, tombstones and index runs and brings the index up to date. A writer calls it after its lease is put. */
  refresh(call: Call): Promise<void>;
  /** @param dedupe Default is `immediate`. */
  openWriter(lease: string, dedupe?: DedupeMode): DataWriter;
  /** Makes a disk of another repository something that `writeDisk` can read. */
  serve(disk: ServedDisk): ServedSource;
  /** Reads one chunk (a map page, say), authenticated and hashed. Throws `REPOSITORY_DAMAGED`. */
  chunk(id: Uint8Array, call: Call): Promise<Uint8Array>;
  /** The pieces of a disk, ascending; decodes the disk map lazily and checks it against `contents`. Throws `REPOSITORY_DAMAGED`. */
  pieces(contents: DiskContents, call: Call): AsyncIterable<readonly Piece[]>;
  /**
   * Writes a disk to a sink that holds zeros: ordered by pack, in parallel, every chunk authenticated and hashed. All that can be restored is;
   * then throws `REPOSITORY_DAMAGED` with the lost byte ranges if there are any.
   */
  restoreDisk(contents: DiskContents, to: DiskSink, call: Call): Promise<MoveResult>;
  /** The bytes of a range of a disk in order, zeros included, in pieces of at most 4 MiB. */
  readDisk(
    contents: DiskContents,
    range: { readonly offset: number; readonly length: number },
    call: Call,
  ): AsyncIterable<Uint8Array>;
  /**
   * Reads every chunk of a disk back (authenticates, decompresses, hashes) and answers the pieces that are lost, ascending. Where a part of the
   * map is lost, one piece stands for all that it describes, with the id of that part.
   */
  verifyDisk(contents: DiskContents, call: Call): Promise<readonly Piece[]>;
  /** Scans packs: `fast` checks CRC, structure and each tag, `full` also decompresses and hashes. All packs, in parallel. */
  scan(tier: 'fast' | 'full', call: Call): Promise<PackScan>;
  /** Chunk ids that the store can give, for checking that maps are complete. */
  has(id: Uint8Array): Promise<boolean>;
  /** Number of distinct chunks and the sum of their plain bytes, by the index. */
  totals(): Promise<{ readonly chunks: number; readonly uniqueBytes: number; readonly packs: number }>;
  /** Makes index runs anew from the packs of the leases named, puts those missing, removes wrong ones; answers run ids by lease. */
  rebuild(leases: readonly string[], call: Call): Promise<{ readonly runs: number; readonly repaired: number }>;
  /** Index runs that are damaged, or say of packs what those do not say of themselves, with what is wrong. Reads the lists of all packs. */
  wrongRuns(call: Call): Promise<ReadonlyMap<string, string>>;
  /** What damaged packs still give, and what of it lies nowhere else. `packs` are all that are damaged, 32 hexadecimal digits each. */
  weighPacks(packs: readonly string[], call: Call): Promise<readonly WeighedPack[]>;
  /** Takes records out of packs, of this repository or of one of the same family, and appends them to new packs under a lease; see `data/collect/move-records.ts`. */
  moveRecords(how: MoveRecords, call: Call): Promise<MovedRecords>;
  /** What a collector asks of the data plane. */
  collector(): CollectorPlane;
  /** This repository as one that records are taken from; the destination's `moveRecords` wants it. Its packs are those of the last `refresh`. */
  asSource(): RecordSource;
  /** Chunks grouped by the pack that each is best taken from. `ids` are 32 bytes each. By the index as of the last `refresh`. */
  groupByPack(ids: Uint8Array, call: Call): Promise<GroupedChunks>;
  /** Those of some chunks that a writer would have to store: in no pack, or only in packs that a collector is about to remove. */
  absent(ids: Uint8Array, call: Call): Promise<Uint8Array>;
  /** The secrets hold more than before, or new objects use another generation. */
  learned(secrets: RepositorySecrets): void;
  /** Starts the threads, so that who writes or reads soon need not wait for them. */
  warm(): void;
  close(): Promise<void>;
}

export type OpenDataPlane = (options: DataPlaneOptions) => Promise<DataPlane>;
