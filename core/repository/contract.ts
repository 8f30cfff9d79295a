import type {
  Call,
  DedupeMode,
  DiskSink,
  DiskSource,
  MoveOptions,
  MoveResult,
  ObjectStore,
  OpenedPoint,
  PointMeta,
  PointRef,
  PointSummary,
} from '@holdfast/api';
import type { CatalogToSave, SavedCatalog } from './catalogs/contract.ts';
import type { CollectOptions, CollectReport } from './collect/contract.ts';
import type { CopyOptions, CopyResult, KeyRotation } from './copy/contract.ts';
import type { Damage } from './damage.ts';
import type { DeduplicateOptions, DeduplicateReport, LandedState } from './landing/contract.ts';
import type { RepairPlan, RepairReport } from './repair/contract.ts';

/** How a repository is opened. Exactly one of the two secrets. */
export interface Unlock {
  readonly passphrase?: string;
  /** 24 words, separated by blanks. */
  readonly recoveryWords?: string;
}

/** A passphrase that is to open a repository. */
export interface NewPassphrase {
  readonly passphrase: string;
  /** Whether it is 256 bits of chance: then nobody can guess it, and there is no sense in making a try dear. Default is no. */
  readonly isGenerated?: boolean;
}

/** What the engine needs to know besides the store. */
export interface RepositoryOptions {
  /** Name of the target, as it stands in `PointRef.target`. */
  readonly target: string;
  /** A folder for the local index cache; anything in it may be deleted at any time. */
  readonly cacheFolder: string;
  /** Worker threads; with 0 the thread that asks does it all. Default is the number of processors, at least 1 and at most 8. */
  readonly workers?: number;
  /** zstd level of new chunks. Default is 3. */
  readonly level?: number;
  readonly now?: () => number;
  /** Cost of trying a passphrase, for keys that are made. Default is N 32,768, r 8, p 3: a quarter of a second. Tests use less. */
  readonly passphraseCost?: { readonly N: number; readonly r: number; readonly p: number };
  /** Without a sign of life for so long a writer may be fenced by a collector. Default is 15 minutes. */
  readonly silentAfterMs?: number;
  /** Bytes at which a pack is sealed. Default is 32 MiB; tests use less. */
  readonly packBytes?: number;
}

/** What `createRepository` answers. The words are shown once and stored nowhere. */
export interface CreatedRepository {
  readonly id: string;
  readonly recoveryWords: string;
  readonly hash: 'blake3' | 'sha256';
}

/** One restore point being written. */
export interface PointWriter {
  /** The lease, and the identity of the restore point to be. */
  readonly id: string;
  /** Reads a disk through the worker pipeline into this point. Each disk once. */
  write(disk: string, from: DiskSource, how: MoveOptions, call: Call): Promise<MoveResult>;
  commit(meta: PointMeta, call: Call): Promise<PointRef>;
  /** Idempotent. */
  abandon(call: Call): Promise<void>;
}

/** Answer of a check. No damage means that all that was looked at is whole. */
export interface CheckReport {
  readonly tier: 'fast' | 'full';
  readonly points: number;
  readonly packs: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly damage: readonly Damage[];
  readonly durationMs: number;
}

/** Sums over a repository. */
export interface RepositoryStats {
  readonly id: string;
  readonly hash: 'blake3' | 'sha256';
  readonly points: number;
  readonly machines: number;
  readonly packs: number;
  /** Bytes of all objects in the store. */
  readonly storedBytes: number;
  readonly chunks: number;
  /** Bytes of all distinct chunks before compression. */
  readonly uniqueBytes: number;
  /** Sum of the disks' data over all points: what they would take without deduplication. */
  readonly logicalBytes: number;
  /** What was put down in haste and waits to be deduplicated. */
  readonly landed: LandedState;
}

/** A key of the repository. */
export interface KeyInfo {
  readonly id: string;
  readonly kind: 'passphrase' | 'recovery';
  readonly label: string;
  readonly createdAt: number;
  /** The newest data keys that it says it holds. Of two with one label the older one was left behind by a rotation. */
  readonly generation: number;
}

/** An open repository. One process may hold several; several processes may hold one. */
export interface Repository {
  readonly id: string;
  readonly target: string;
  /** @param machine Without `dedupe` it is `immediate`. */
  begin(
    machine: { readonly endpoint: string; readonly id: string; readonly dedupe?: DedupeMode },
    call: Call,
  ): Promise<PointWriter>;
  /** Committed restore points, newest first; of one machine when `machine` is given. Damaged ones are reported through `call.log` and left out. */
  points(
    filter: { readonly endpoint?: string; readonly machine?: string },
    call: Call,
  ): Promise<readonly PointSummary[]>;
  open(point: string, call: Call): Promise<OpenedPoint>;
  /**
   * Restores a disk, every chunk authenticated and hashed. A chunk that is lost makes it throw `REPOSITORY_DAMAGED` with the offsets after
   * everything else has been restored; zeros are never written in its place.
   */
  restore(point: string, disk: string, to: DiskSink, call: Call): Promise<MoveResult>;
  /** The bytes of a disk in order, for exports to a stream. */
  read(
    point: string,
    disk: string,
    range: { readonly offset: number; readonly length: number } | null,
    call: Call,
  ): AsyncIterable<Uint8Array>;
  /** Reads a point back, decrypts and hashes every chunk of it. */
  verify(point: string, call: Call): Promise<CheckReport>;
  /** Checks everything: `fast` authenticates each record, `full` also decompresses and hashes it. */
  check(tier: 'fast' | 'full', call: Call): Promise<CheckReport>;
  forget(points: readonly string[], reason: string, call: Call): Promise<void>;
  stats(call: Call): Promise<RepositoryStats>;
  keys(call: Call): Promise<readonly KeyInfo[]>;
  addPassphrase(secret: NewPassphrase, label: string, call: Call): Promise<KeyInfo>;
  addRecovery(label: string, call: Call): Promise<{ readonly key: KeyInfo; readonly words: string }>;
  removeKey(id: string, call: Call): Promise<void>;
  /** Writes all index runs anew from the packs; answers how many were missing or wrong. */
  rebuildIndex(call: Call): Promise<{ readonly runs: number; readonly repaired: number }>;
  /**
   * Removes what no restore point reaches, without ever stopping a backup: condemn, wait, mark again, sweep.
   * @throws `COLLECTION_BUSY` when another collection is alive, `REPOSITORY_DAMAGED` when a restore point cannot be read, so that nothing can be told dead.
   */
  collect(options: CollectOptions, call: Call): Promise<CollectReport>;
  /**
   * Deduplicates and compresses what was put down in haste, without ever stopping a backup, and condemns the packs that it lay in: a collection gives
   * their room back.
   * @throws `COLLECTION_BUSY` when a collection or another pass is alive, `REPOSITORY_DAMAGED` when a restore point cannot be read.
   */
  deduplicate(options: DeduplicateOptions, call: Call): Promise<DeduplicateReport>;
  /** What waits for that. */
  landed(call: Call): Promise<LandedState>;
  /** What can be done about damage, after a check of the tier. Changes nothing. */
  planRepair(tier: 'fast' | 'full', call: Call): Promise<RepairPlan>;
  repair(plan: RepairPlan, call: Call): Promise<RepairReport>;
  /** Copies a restore point of another open repository into this one; only chunks that are missing here travel. Goes on where an earlier try was broken off. */
  copyFrom(source: Repository, point: string, options: CopyOptions, call: Call): Promise<CopyResult>;
  /** New objects get new data keys from now on; the old ones stay, for what was written with them. Every passphrase and set of words goes on working. */
  rotateKeys(secrets: readonly Unlock[], call: Call): Promise<KeyRotation>;
  /** Saves a copy of the catalog beside what it describes; older copies of the same site but the newest few go. */
  saveCatalog(catalog: CatalogToSave, call: Call): Promise<SavedCatalog>;
  /** Copies of catalogs, newest first. */
  catalogs(call: Call): Promise<readonly SavedCatalog[]>;
  /** The bytes of a saved catalog, authenticated. */
  readCatalog(object: string, call: Call): Promise<Uint8Array>;
  /** The same in pieces of at most 32 MiB, for one that may not fit into memory; all of it is right once the last piece has come. */
  catalogPieces(object: string, call: Call): AsyncIterable<Uint8Array>;
  /** Starts what moves data, which takes a moment, so that who writes or reads soon need not wait for it. */
  warm(): void;
  close(): Promise<void>;
}

/** How a repository is made. */
export interface CreateOptions extends RepositoryOptions {
  /**
   * An open repository that the new one becomes a relative of: chunks have the same ids in both, so that between them only those that are missing
   * travel. Everything else is its own. Whoever holds the secrets of one can tell which chunks the other has, but reads nothing of it.
   */
  readonly family?: Repository;
}

export type CreateRepository = (
  store: ObjectStore,
  secret: NewPassphrase,
  options: CreateOptions,
  call: Call,
) => Promise<CreatedRepository>;

export type OpenRepository = (
  store: ObjectStore,
  unlock: Unlock,
  options: RepositoryOptions,
  call: Call,
) => Promise<Repository>;
