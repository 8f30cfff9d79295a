import { join } from 'node:path';
import { type Call, makeCall, type ObjectStore } from '@holdfast/api';
import type { Repository, RepositoryOptions } from '../../core/repository/contract.ts';
import { createRepository } from '../../core/repository/create.ts';
import { openRepository } from '../../core/repository/open.ts';
import { openDiskTarget } from '../../plugins/targets/disk/src/open.ts';
import { passphrase, protect, restoreDisk, testOptions } from '../repository/lab.ts';
import { changedDisk, sampleDisk } from '../repository/sample-disks.ts';

/** Where a repository lies. */
export interface Places {
  /** Folder of the target, and a folder for everything else. */
  readonly target: string;
  readonly work: string;
  readonly sizeBytes: number;
  /** Without a sign of life for so long whoever writes or reads may be fenced. Default is that of the repository. */
  readonly silentAfterMs?: number;
  /** Open the target as one that can only be added to. */
  readonly appendOnly?: boolean;
}

/** What the child is to do. */
export interface ChildWish extends Places {
  /**
   * Default is `backup`. `stopped backup` stops its own process before the disk is read, or `written` before it commits.
   * `backups` and `collections` go on, several of them in a row.
   */
  readonly act?: 'backup' | 'collect' | 'copy' | 'stopped backup' | 'stopped written' | 'backups' | 'collections';
  /** Which state of the disk to protect; the restore point is taken at this time. */
  readonly round: number;
  /** The machine that is protected. Default is `m1`. */
  readonly machine?: string;
  /** Where to copy a restore point from. */
  readonly from?: Places & { readonly point: string };
  /** How often, for what goes on. */
  readonly times?: number;
}

/** The disk as it is in a round: most of it as ever, some of it new. */
export const diskOf = (round: number, sizeBytes: number): Buffer =>
  changedDisk(sampleDisk('reliability', sizeBytes), `round ${round}`, 40).disk;

export const openTarget = (path: string, create: boolean, call: Call, appendOnly = false): Promise<ObjectStore> =>
  openDiskTarget({ settings: { path, create, appendOnly } }, call);

const options = ({ work, silentAfterMs }: Pick<Places, 'work' | 'silentAfterMs'>, more: Partial<RepositoryOptions>) =>
  testOptions(join(work, 'cache'), {
    workers: 2,
    packBytes: 512 * 1024,
    ...(silentAfterMs === undefined ? {} : { silentAfterMs }),
    ...more,
  });

/** Makes the repository that the rounds write to. */
export async function makeRepository(places: Pick<Places, 'target' | 'work'>): Promise<void> {
  const call = makeCall();
  const store = await openTarget(places.target, true, call);
  await createRepository(store, { passphrase }, options(places, {}), call);
  await store.close(call);
}

/** Opens it for as long as some work takes. */
export async function withRepository<T>(
  places: Pick<Places, 'target' | 'work' | 'silentAfterMs' | 'appendOnly'>,
  use: (repository: Repository, store: ObjectStore) => Promise<T>,
  more: Partial<RepositoryOptions> = {},
): Promise<T> {
  const call = makeCall();
  const store = await openTarget(places.target, false, call, places.appendOnly);
  const repository = await openRepository(store, { passphrase }, options(places, more), call);
  try {
    return await use(repository, store);
  } finally {
    await repository.close();
    await store.close(call);
  }
}

/** Protects the disk of a round. Answers the restore point once it is acknowledged. */
export async function backup(wish: ChildWish, begun: () => void): Promise<string> {
  return await withRepository(wish, async (repository) => {
    begun();
    return await protectRound(repository, wish);
  });
}

export async function protectRound(repository: Repository, wish: ChildWish): Promise<string> {
  const { round, work, sizeBytes, machine = 'm1' } = wish;
  const disks = { vda: diskOf(round, sizeBytes) };
  const { point } = await protect({ folder: work }, repository, machine, disks, { takenAt: round });
  return point;
}

/** A file that takes up room on a full disk; a check calls it foreign. */
export const BALLAST = 'ballast';

/** What is found in a repository after something went wrong. */
export interface Findings {
  readonly points: readonly string[];
  readonly restores: number;
}

/**
 * Sees that every restore point that was acknowledged is there, that a check finds no damage, and that the newest restore points, or all of
 * them, come back byte for byte as the disk was in their round.
 * @throws When anything of that is not so.
 */
export async function prove(
  repository: Repository,
  { work, sizeBytes }: Pick<ChildWish, 'work' | 'sizeBytes'>,
  acknowledged: ReadonlySet<string>,
  newest = Number.POSITIVE_INFINITY,
): Promise<Findings> {
  const call = makeCall();
  const points = await repository.points({}, call);
  const there = new Set(points.map(({ point }) => point));
  for (const point of acknowledged) {
    if (!there.has(point)) throw new Error(`restore point ${point} was acknowledged and is gone`);
  }
  const restored = points.slice(0, newest);
  for (const { point, takenAt } of restored) {
    const { bytes, failure } = await restoreDisk({ folder: work }, repository, point, 'vda');
    if (failure !== null) throw failure;
    if (!bytes.equals(diskOf(takenAt, sizeBytes))) throw new Error(`restore point ${point} came back wrong`);
  }
  const { damage } = await repository.check('full', call);
  const bad = damage.filter(({ object }) => object !== BALLAST).map(({ object, detail }) => `${object}: ${detail}`);
  if (bad.length > 0) throw new Error(`damage: ${bad.join('; ')}`);
  return { points: [...there], restores: restored.length };
}
