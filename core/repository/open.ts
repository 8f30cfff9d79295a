import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Call, HoldfastError, isHoldfastError, type ObjectStore } from '@holdfast/api';
import type { OpenRepository } from './contract.ts';
import { openDataPlane } from './data/open.ts';
import { DocumentCache } from './documents/document-cache.ts';
import { Documents } from './documents/documents.ts';
import { readObject } from './documents/read-object.ts';
import { FORMAT_OBJECT, MAX_FORMAT_BYTES, parseFormat, type RepositoryFormat } from './format/repository-format.ts';
import { listGenerations } from './keys/generations.ts';
import { KeyKeeper } from './keys/key-keeper.ts';
import type { KeyPayload } from './keys/key-payload.ts';
import { readKeys } from './keys/key-ring.ts';
import { LiveKeys } from './keys/live-keys.ts';
import { defaultCost } from './keys/passphrase.ts';
import { unlockKeys } from './keys/unlock.ts';
import { DEFAULT_SILENT_AFTER_MS } from './leases/lease.ts';
import { StoredRepository } from './repository.ts';

const DEFAULT_LEVEL = 3;
const MAX_WORKERS = 8;

async function readFormat(store: ObjectStore, target: string, call: Call): Promise<RepositoryFormat> {
  try {
    return parseFormat(await readObject(store, FORMAT_OBJECT, MAX_FORMAT_BYTES, call));
  } catch (failure) {
    const damaged = (what: string): HoldfastError =>
      new HoldfastError('REPOSITORY_DAMAGED', what, {
        remedy: `put back a copy of ${FORMAT_OBJECT}: nothing here can be read without it`,
        facts: { object: FORMAT_OBJECT },
        cause: failure,
      });
    if (isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw damaged(failure.message);
    if (!isHoldfastError(failure, 'OBJECT_NOT_FOUND')) throw failure;
    for (const folder of ['commits/', 'manifests/', 'packs/']) {
      for await (const { name } of store.list(folder, call)) {
        throw damaged(`${FORMAT_OBJECT} is missing on ${target}, although ${name} is there`);
      }
    }
    throw new HoldfastError('REPOSITORY_NOT_FOUND', `there is no repository on ${target}`, { cause: failure });
  }
}

/**
 * Opens a repository with one of its secrets.
 * @throws {HoldfastError} `REPOSITORY_NOT_FOUND`, `REPOSITORY_NEWER`, `REPOSITORY_DAMAGED`, `PASSPHRASE_WRONG`, `RECOVERY_WORDS_WRONG`.
 */
export const openRepository: OpenRepository = async (store, unlock, options, call) => {
  const format = await readFormat(store, options.target, call);
  const { suite } = format;
  const openKeys = async (wanted: readonly number[], opening: Call): Promise<KeyPayload> =>
    unlockKeys(await readKeys(store, suite.repositoryId, opening), unlock, format.sha256, opening, wanted);
  const { ready } = await listGenerations(store, call);
  const live = new LiveKeys(await openKeys(ready, call), store, suite.repositoryId, openKeys);
  await live.learn(call);
  const now = options.now ?? Date.now;
  // Of this repository alone: a target's folder may come to hold another one.
  const cacheFolder = join(options.cacheFolder, suite.repositoryId);
  const keys = { repositoryId: suite.repositoryId, secrets: live.secrets };
  const learn = (learning: Call): Promise<void> => live.learn(learning);
  const documents = new Documents(store, keys, new DocumentCache(join(cacheFolder, 'documents')), learn);
  const plane = await openDataPlane({
    store,
    suite,
    secrets: live.secrets,
    learn,
    cacheFolder: join(cacheFolder, 'data'),
    workers: options.workers ?? Math.min(MAX_WORKERS, Math.max(1, availableParallelism())),
    level: options.level ?? DEFAULT_LEVEL,
    ...(options.packBytes === undefined ? {} : { packBytes: options.packBytes }),
  });
  live.onLearned((secrets) => plane.learned(secrets));
  const cost = options.passphraseCost ?? defaultCost;
  return new StoredRepository({
    target: options.target,
    format,
    secrets: live.secrets,
    store,
    documents,
    plane,
    keys: new KeyKeeper(store, suite.repositoryId, live, { cost, now }),
    terms: { silentAfterMs: options.silentAfterMs ?? DEFAULT_SILENT_AFTER_MS, now },
  });
};
