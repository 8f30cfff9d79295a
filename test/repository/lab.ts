import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Call, type DedupeMode, type MoveOptions, makeCall, type ObjectStore, type PointRef } from '@holdfast/api';
import type { CreateOptions, Repository, RepositoryOptions, Unlock } from '../../core/repository/contract.ts';
import { createRepository } from '../../core/repository/create.ts';
import { openRepository } from '../../core/repository/open.ts';
import { machine, temporaryFolder } from './paper.ts';
import { emptyImage, rawImage } from './sample-disks.ts';

export const passphrase = 'a passphrase of several words';

/** How tests open repositories: passphrases that cost nothing, packs of a few chunks, as little as possible at once. */
export const testOptions = (cacheFolder: string, more: Partial<RepositoryOptions> = {}): RepositoryOptions => ({
  target: 'here',
  cacheFolder,
  workers: 1,
  level: 1,
  packBytes: 256 * 1024,
  passphraseCost: { N: 16, r: 8, p: 1 },
  ...more,
});

/** A repository that is open, with a folder for disks. */
export interface Lab extends AsyncDisposable {
  readonly store: ObjectStore;
  readonly folder: string;
  readonly repository: Repository;
  readonly words: string;
  /** The same repository once more, as another process would have it; `cache` names another cache folder. */
  reopen(unlock?: Unlock, cache?: string): Promise<Repository & AsyncDisposable>;
}

const disposable = (repository: Repository): Repository & AsyncDisposable =>
  Object.assign(repository, { [Symbol.asyncDispose]: () => repository.close() });

/** Makes a repository in a store and opens it. */
export async function openLab(store: ObjectStore, more: Partial<CreateOptions> = {}): Promise<Lab> {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  const call = makeCall();
  const created = await createRepository(store, { passphrase }, testOptions(join(path, 'cache'), more), call);
  const reopen = async (unlock: Unlock = { passphrase }, cache = 'cache') => {
    return stack.use(disposable(await openRepository(store, unlock, testOptions(join(path, cache), more), call)));
  };
  const repository = await reopen();
  return {
    store,
    folder: path,
    repository,
    words: created.recoveryWords,
    reopen,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Writes and commits a restore point of a machine with the disks given. */
export async function protect(
  lab: { readonly folder: string },
  repository: Repository,
  id: string,
  disks: Readonly<Record<string, Buffer>>,
  how: {
    readonly takenAt?: number;
    readonly move?: Readonly<Record<string, MoveOptions>>;
    readonly call?: Call;
    readonly dedupe?: DedupeMode;
  } = {},
): Promise<PointRef> {
  const call = how.call ?? makeCall();
  const takenAt = how.takenAt ?? 1_700_000_000_000;
  const dedupe = how.dedupe ?? 'immediate';
  const writer = await repository.begin({ endpoint: 'lab', id, dedupe }, call);
  try {
    for (const [key, bytes] of Object.entries(disks)) {
      const source = await rawImage(lab.folder, `${writer.id}-${key}.raw`, bytes);
      try {
        await writer.write(key, source, how.move?.[key] ?? {}, call);
      } finally {
        await rm(source.path, { force: true });
      }
    }
    return await writer.commit(
      {
        machine: machine(id),
        endpoint: 'lab',
        takenAt,
        consistency: 'crash',
        frozenMs: 0.5,
        run: 'test',
        disks: Object.entries(disks).map(([key, bytes]) => {
          return { key, sizeBytes: bytes.length, format: 'raw', changeToken: `token of ${takenAt}` };
        }),
      },
      call,
    );
  } finally {
    await writer.abandon(call);
  }
}

let restored = 0;

/** Restores a disk into an empty image; `failure` is what the restore threw. */
export async function restoreDisk(
  lab: { readonly folder: string },
  repository: Repository,
  point: string,
  disk: string,
): Promise<{ readonly bytes: Buffer; readonly failure: unknown }> {
  const call = makeCall();
  const { sources } = await repository.open(point, call);
  const source = sources.find((one) => one.disk === disk);
  const image = await emptyImage(lab.folder, `restored-${restored++}.raw`, source?.sizeBytes ?? 0);
  let failure: unknown = null;
  await repository.restore(point, disk, image.sink, call).catch((thrown: unknown) => {
    failure = thrown;
  });
  const bytes = await image.bytes();
  await rm(image.sink.path);
  return { bytes, failure };
}
