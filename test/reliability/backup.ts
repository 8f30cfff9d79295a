import { join } from 'node:path';
import { type Call, makeCall, type ObjectStore } from '@holdfast/api';
import type { Repository } from '../../core/repository/contract.ts';
import { createRepository } from '../../core/repository/create.ts';
import { openRepository } from '../../core/repository/open.ts';
import { openDiskTarget } from '../../plugins/targets/disk/src/open.ts';
import { passphrase, protect, restoreDisk, testOptions } from '../repository/lab.ts';
import { changedDisk, sampleDisk } from '../repository/sample-disks.ts';

/** What the child is to do. */
export interface ChildWish {
  /** Folder of the target, and a folder for everything else. */
  readonly target: string;
  readonly work: string;
  /** Which state of the disk to protect; the restore point is taken at this time. */
  readonly round: number;
  readonly sizeBytes: number;
}

/** The disk as it is in a round: most of it as ever, some of it new. */
export const diskOf = (round: number, sizeBytes: number): Buffer =>
  changedDisk(sampleDisk('reliability', sizeBytes), `round ${round}`, 40).disk;

export const openTarget = (path: string, create: boolean, call: Call): Promise<ObjectStore> =>
  openDiskTarget({ settings: { path, create } }, call);

const options = (work: string) => testOptions(join(work, 'cache'), { workers: 2, packBytes: 512 * 1024 });

/** Makes the repository that the rounds write to. */
export async function makeRepository({ target, work }: Pick<ChildWish, 'target' | 'work'>): Promise<void> {
  const call = makeCall();
  const store = await openTarget(target, true, call);
  await createRepository(store, { passphrase }, options(work), call);
  await store.close(call);
}

/** Opens it for as long as some work takes. */
export async function withRepository<T>(
  { target, work }: Pick<ChildWish, 'target' | 'work'>,
  use: (repository: Repository, store: ObjectStore) => Promise<T>,
): Promise<T> {
  const call = makeCall();
  const store = await openTarget(target, false, call);
  const repository = await openRepository(store, { passphrase }, options(work), call);
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
  const { round, work, sizeBytes } = wish;
  const disks = { vda: diskOf(round, sizeBytes) };
  const { point } = await protect({ folder: work }, repository, 'm1', disks, { takenAt: round });
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
