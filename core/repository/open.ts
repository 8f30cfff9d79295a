import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Call, HoldfastError, isHoldfastError, type ObjectStore } from '@holdfast/api';
import type { OpenRepository } from './contract.ts';
import { openDataPlane } from './data/open.ts';
import { DocumentCache } from './documents/document-cache.ts';
import { Documents } from './documents/documents.ts';
import { readObject } from './documents/read-object.ts';
import { FORMAT_OBJECT, MAX_FORMAT_BYTES, parseFormat, type RepositoryFormat } from './format/repository-format.ts';
import { KeyKeeper } from './keys/key-keeper.ts';
import { readKeys } from './keys/key-ring.ts';
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
    if (!isHoldfastError(failure, 'OBJECT_NOT_FOUND')) throw failure;
    for await (const { name } of store.list('commits/', call)) {
      throw new HoldfastError(
        'REPOSITORY_DAMAGED',
        `${FORMAT_OBJECT} is missing on ${target}, although ${name} is there`,
        {
          remedy: `put back a copy of ${FORMAT_OBJECT}`,
          facts: { object: FORMAT_OBJECT },
          cause: failure,
        },
      );
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
  const ring = await readKeys(store, suite.repositoryId, call);
  const payload = await unlockKeys(ring, unlock, format.sha256, call);
  const now = options.now ?? Date.now;
  // Of this repository alone: a target's folder may come to hold another one.
  const cacheFolder = join(options.cacheFolder, suite.repositoryId);
  const keys = { repositoryId: suite.repositoryId, secrets: payload.secrets };
  const documents = new Documents(store, keys, new DocumentCache(join(cacheFolder, 'documents')));
  const plane = await openDataPlane({
    store,
    suite,
    secrets: payload.secrets,
    cacheFolder: join(cacheFolder, 'data'),
    workers: options.workers ?? Math.min(MAX_WORKERS, Math.max(1, availableParallelism())),
    level: options.level ?? DEFAULT_LEVEL,
    ...(options.packBytes === undefined ? {} : { packBytes: options.packBytes }),
  });
  const cost = options.passphraseCost ?? defaultCost;
  return new StoredRepository({
    target: options.target,
    format,
    secrets: payload.secrets,
    store,
    documents,
    plane,
    keys: new KeyKeeper(store, suite.repositoryId, payload, { cost, now }),
    terms: { silentAfterMs: options.silentAfterMs ?? DEFAULT_SILENT_AFTER_MS, now },
  });
};
