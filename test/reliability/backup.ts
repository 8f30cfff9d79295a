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
    const disk = diskOf(wish.round, wish.sizeBytes);
    begun();
    const { point } = await protect({ folder: wish.work }, repository, 'm1', { vda: disk }, { takenAt: wish.round });
    return point;
  });
}

/** What is found in a repository after something went wrong. */
export interface Findings {
  readonly points: readonly string[];
  /** Damage that a full check names, but for what is foreign. */
  readonly damage: readonly string[];
}

/**
 * Restores every committed restore point and compares it with the disk of its round.
 * @throws When one does not come back byte for byte.
 */
export async function proveAll(wish: Pick<ChildWish, 'target' | 'work' | 'sizeBytes'>): Promise<Findings> {
  return await withRepository(wish, async (repository) => {
    const call = makeCall();
    const points = await repository.points({}, call);
    for (const { point, takenAt } of points) {
      const restored = await restoreDisk({ folder: wish.work }, repository, point, 'vda');
      if (restored.failure !== null) throw restored.failure;
      if (!restored.bytes.equals(diskOf(takenAt, wish.sizeBytes))) throw new Error(`${point} came back wrong`);
    }
    const { damage } = await repository.check('full', call);
    return {
      points: points.map(({ point }) => point),
      damage: damage.map(({ object, detail }) => `${object}: ${detail}`),
    };
  });
}
