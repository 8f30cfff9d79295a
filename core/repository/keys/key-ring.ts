import { type Call, HoldfastError, isHoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';
import { readObject } from '../documents/read-object.ts';
import { type KeyObject, keyName, MAX_KEY_BYTES, parseKey } from './key-object.ts';

/** A repository has at most so many key objects: each one may cost half a second to try. */
export const MAX_KEYS = 64;

/** So many can be added: while keys are rotated there are twice as many. */
export const MOST_ADDED = MAX_KEYS / 2;

/** A key object that is there but cannot be used. */
export interface BadKey {
  readonly object: string;
  readonly failure: HoldfastError;
}

/** What lies under `keys/`. */
export interface KeyRing {
  /** Oldest first. */
  readonly keys: readonly KeyObject[];
  readonly bad: readonly BadKey[];
  /** Keys of other repositories: left by a creation that was broken off. */
  readonly foreign: readonly KeyObject[];
}

/** Reads all keys, opening none. Damaged ones are told apart, not thrown. */
export async function readKeys(store: ObjectStore, repository: string, call: Call): Promise<KeyRing> {
  const keys: KeyObject[] = [];
  const foreign: KeyObject[] = [];
  const bad: BadKey[] = [];
  let count = 0;
  for await (const { name } of store.list('keys/', call)) {
    throwIfCancelled(call.signal, 'reading keys');
    const id = name.slice('keys/'.length);
    if (!/^[0-9a-f]{32}$/.test(id)) continue;
    if (++count > MAX_KEYS) {
      throw new HoldfastError('REPOSITORY_DAMAGED', `there are more than ${MAX_KEYS} keys`, {
        remedy: 'remove those that nobody needs from the folder `keys` of the target',
      });
    }
    try {
      const key = parseKey(id, await readObject(store, keyName(id), MAX_KEY_BYTES, call));
      if (key.repository === repository) keys.push(key);
      else foreign.push(key);
    } catch (failure) {
      if (isHoldfastError(failure, 'REPOSITORY_DAMAGED') || isHoldfastError(failure, 'REPOSITORY_NEWER')) {
        bad.push({ object: name, failure });
      } else if (!isHoldfastError(failure, 'OBJECT_NOT_FOUND')) throw failure;
      // A key that went between listing and reading was removed: it is no key any more.
    }
  }
  keys.sort((a, b) => a.info.createdAt - b.info.createdAt || (a.info.id < b.info.id ? -1 : 1));
  return { keys, bad, foreign };
}
