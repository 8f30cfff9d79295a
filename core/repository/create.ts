import { randomBytes } from 'node:crypto';
import { type Call, HoldfastError, isHoldfastError, makeCall, type ObjectStore } from '@holdfast/api';
import type { CreatedRepository, CreateRepository } from './contract.ts';
import { insideOf } from './copy/inside.ts';
import { hasNativeBlake3 } from './data/hash/keyed-hash.ts';
import { randomId } from './documents/names.ts';
import { readObject } from './documents/read-object.ts';
import { FORMAT_OBJECT, MAX_FORMAT_BYTES, makeFormat, sha256Hex } from './format/repository-format.ts';
import { keyName } from './keys/key-object.ts';
import { makePassphraseKey, makeRecoveryKey } from './keys/make-keys.ts';
import { defaultCost } from './keys/passphrase.ts';

const exists = (target: string, what: string): HoldfastError =>
  new HoldfastError('REPOSITORY_EXISTS', `${what} on ${target} already`);

/** Objects that only a repository has: without `format.json` they are one that has lost it, not an empty place. */
const TRACES = ['commits/', 'manifests/', 'packs/'];

async function refuseTaken(store: ObjectStore, target: string, call: Call): Promise<void> {
  for await (const { name } of store.list(FORMAT_OBJECT, call)) {
    if (name === FORMAT_OBJECT) throw exists(target, 'there is a repository');
  }
  for (const prefix of TRACES) {
    for await (const { name } of store.list(prefix, call)) {
      throw exists(target, `there is ${name}, of a repository that has lost its ${FORMAT_OBJECT},`);
    }
  }
}

/**
 * Makes a repository: two keys, then `format.json`, which makes it exist.
 * One with a family shares how it hashes and cuts with that, and nothing else: neither identity nor data keys.
 * @throws {HoldfastError} `REPOSITORY_EXISTS`, also when somebody else was faster.
 */
export const createRepository: CreateRepository = async (store, secret, options, call): Promise<CreatedRepository> => {
  await refuseTaken(store, options.target, call);
  const createdAt = (options.now ?? Date.now)();
  const id = randomId();
  const family = options.family === undefined ? null : insideOf(options.family);
  const hash = family?.format.suite.hash ?? (hasNativeBlake3() ? 'blake3' : 'sha256');
  const format = makeFormat(id, hash, createdAt, family?.format.suite);
  const payload = {
    secrets: { family: family?.secrets.family ?? randomBytes(32), generations: { 1: randomBytes(32) }, current: 1 },
    formatSha256: sha256Hex(format),
  };
  const note = { repository: id, createdAt };
  const cost = options.passphraseCost ?? defaultCost;
  const passphrase = await makePassphraseKey(secret, cost, payload, { ...note, label: 'passphrase' });
  const recovery = makeRecoveryKey(payload, { ...note, label: 'recovery words' });
  const put: string[] = [];
  try {
    for (const key of [passphrase, recovery]) {
      put.push(keyName(key.id));
      await store.put(keyName(key.id), key.bytes, { ifAbsent: true }, call);
    }
    await store.put(FORMAT_OBJECT, format, { ifAbsent: true }, call);
  } catch (failure) {
    await takeBack(store, put, format, call);
    if (isHoldfastError(failure, 'OBJECT_EXISTS')) throw exists(options.target, 'there is a repository');
    throw failure;
  }
  return { id, recoveryWords: recovery.words, hash };
};

/** Removes our keys again, unless the store has our `format.json` in spite of its failure; a key that stays is ignored by everybody. */
async function takeBack(store: ObjectStore, names: readonly string[], format: Uint8Array, call: Call): Promise<void> {
  const unhurried = makeCall({ who: call.who, log: call.log });
  try {
    if (Buffer.compare(await readObject(store, FORMAT_OBJECT, MAX_FORMAT_BYTES, unhurried), format) === 0) return;
  } catch (failure) {
    if (!isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return;
  }
  for (const name of names) {
    await store.remove(name, unhurried).catch(() => {});
  }
}
