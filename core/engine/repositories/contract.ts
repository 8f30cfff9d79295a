import type { Call, PointSummary } from '@holdfast/api';
import type { CollectOptions, CollectReport } from '../../repository/collect/contract.ts';
import type { CopyOptions, CopyResult } from '../../repository/copy/contract.ts';
import type { DeduplicateOptions, DeduplicateReport } from '../../repository/landing/contract.ts';

/** When a repository is collected by itself. Epoch milliseconds. */
export interface CollectionTimes {
  /** `null`: never yet, as far as is known. */
  readonly collectedAt: number | null;
  readonly dueAt: number;
  /** Nothing may be removed there from here: somebody else collects it. It was said, and is not said again. */
  readonly isRefused?: boolean;
}

/** Remembers when repositories were collected, by target. What is lost of it only makes one be collected sooner than it had to be. */
export interface CollectionBook {
  read(): Promise<Readonly<Record<string, CollectionTimes>>>;
  write(target: string, times: CollectionTimes): Promise<void>;
}

/** A collection that nobody asked for in person. */
export interface Collected {
  readonly target: string;
  /** `null` when it failed, or when somebody else was collecting. */
  readonly report: CollectReport | null;
  /** Why there is no report, for people. */
  readonly problem: { readonly code: string; readonly message: string; readonly remedy: string | null } | null;
}

/** Which restore points are copied from one target to another. */
export interface SyncWish {
  readonly from: string;
  readonly to: string;
  /** Of these machines only, by endpoint and identity; `null` for all. */
  readonly machine: { readonly endpoint: string; readonly machine: string } | null;
  /** Only those taken at this moment or later, epoch milliseconds; `null` for all. */
  readonly since: number | null;
  /** What this installation forgot on the other target comes back. Default is `false`. */
  readonly again?: boolean;
}

/** A restore point, and whether the other target seems to have it: one of the same machine that was taken at the same moment. */
export interface SyncCandidate {
  readonly point: PointSummary;
  readonly seemsThere: boolean;
  /** Why it is not copied unless somebody insists: it was `forgotten` there by this installation, or the `retention` of that target does not keep it. */
  readonly leftOut: 'forgotten' | 'retention' | null;
}

/** What a sync would do. */
export interface SyncPlan {
  /** `family`: chunks travel as they were compressed, checked and sealed anew; `unrelated`: all is read, cut and hashed anew. */
  readonly relation: CopyResult['relation'];
  /** Oldest first. */
  readonly points: readonly SyncCandidate[];
  /** Restore points that are there, and that the retention of that target would forget once the others have come. */
  readonly expires: readonly PointSummary[];
}

/** What a sync did. */
export interface SyncOutcome {
  /** In the order in which they were asked for. */
  readonly done: readonly Synchronised[];
  /** What the retention of the destination let go of after that. */
  readonly forgotten: readonly PointSummary[];
}

/** What became of one restore point of a sync. */
export interface Synchronised {
  readonly point: PointSummary;
  readonly result: CopyResult | null;
  readonly problem: { readonly code: string; readonly message: string } | null;
}

/** What a deduplication pass did, and the collection after it; `null` when there was nothing to be given back. */
export interface Deduplicated {
  readonly report: DeduplicateReport;
  readonly collected: CollectReport | null;
}

/** What is done to repositories as a whole. */
export interface RepositoryEngine {
  /**
   * Gives back what no restore point of a target needs. Refuses where the repository has gone back in time, as `protect` does: what an older state does not
   * know of would be taken for dead.
   * @throws `REPOSITORY_ROLLED_BACK`, and what `Repository.collect` throws.
   */
  collect(target: string, options: CollectOptions, call: Call): Promise<CollectReport>;
  /**
   * Deduplicates what landed on a target, then collects, so that its room is given back.
   * @throws `REPOSITORY_ROLLED_BACK`, and what `Repository.deduplicate` throws.
   */
  deduplicate(
    target: string,
    options: DeduplicateOptions & { readonly waitMs?: number },
    call: Call,
  ): Promise<Deduplicated>;
  /**
   * Copies a restore point of one target to another. The catalog knows the copy when this answers.
   * @throws `REPOSITORY_ROLLED_BACK` of the destination, and what `Repository.copyFrom` throws.
   */
  copy(from: string, point: string, to: string, options: CopyOptions, call: Call): Promise<CopyResult>;
  planSync(wish: SyncWish, call: Call): Promise<SyncPlan>;
  /**
   * Copies restore points, oldest first. One that fails leaves the others; what the destination has already is told as such. A sync that was broken off goes on
   * where it was when it is begun again. Then what the retention of the destination no longer keeps of these machines is forgotten there, as after a run.
   * @param told Hears of each as it ends.
   * @throws `CANCELLED`, and what concerns all of them: a destination that is full, or away.
   */
  sync(
    wish: Pick<SyncWish, 'from' | 'to'>,
    points: readonly PointSummary[],
    options: CopyOptions,
    call: Call,
    told?: (one: Synchronised) => void,
  ): Promise<SyncOutcome>;
}
