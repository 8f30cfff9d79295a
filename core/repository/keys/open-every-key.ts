import { type Call, HoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';
import type { Unlock } from '../contract.ts';
import { type KeyObject, keyName, unsealKey } from './key-object.ts';
import { type KeyPayload, parsePayload } from './key-payload.ts';
import { readKeys } from './key-ring.ts';
import { refusal, wrappingFor } from './unlock.ts';

/** A key that was opened. */
export interface OpenedKey {
  readonly key: KeyObject;
  readonly payload: KeyPayload;
  readonly unlock: Unlock;
  /** Number of the secret among those given. */
  readonly secret: number;
}

/**
 * Opens every key that there is.
 * @throws `KEY_SECRET_MISSING` naming those that none of the secrets opens; `PASSPHRASE_WRONG`, `RECOVERY_WORDS_WRONG` for a secret that opens none;
 *   `REPOSITORY_DAMAGED` for a key that is not whole, or not of this repository's `format.json`.
 */
export async function openEveryKey(
  store: ObjectStore,
  repositoryId: string,
  formatSha256: string,
  secrets: readonly Unlock[],
  call: Call,
): Promise<{ readonly opened: readonly OpenedKey[]; readonly ids: readonly string[] }> {
  const ring = await readKeys(store, repositoryId, call);
  const [bad] = ring.bad;
  if (bad !== undefined) {
    throw new HoldfastError('REPOSITORY_DAMAGED', `${bad.object} cannot be written anew: ${bad.failure.message}`, {
      remedy: `put back a copy of it, or remove it with \`holdfast repository key remove ${bad.object.slice('keys/'.length)}\``,
      facts: { object: bad.object },
      cause: bad.failure,
    });
  }
  const opened: OpenedKey[] = [];
  const left = new Set(ring.keys);
  for (const [secret, unlock] of secrets.entries()) {
    const wrapping = await wrappingFor(unlock);
    const before = opened.length;
    for (const key of left) {
      throwIfCancelled(call.signal, 'opening the keys');
      const wrappingKey = await wrapping(key);
      const plain = wrappingKey === null ? null : unsealKey(key, wrappingKey);
      if (plain === null) continue;
      const payload = parsePayload(plain, `the secret of ${keyName(key.info.id)}`);
      if (payload.formatSha256 !== formatSha256) {
        throw new HoldfastError('REPOSITORY_DAMAGED', `${keyName(key.info.id)} was made for another format.json`, {
          facts: { object: keyName(key.info.id) },
        });
      }
      opened.push({ key, payload, unlock, secret });
      left.delete(key);
    }
    if (opened.length === before && !secrets.slice(0, secret).some((other) => isSame(other, unlock))) {
      throw refusal(unlock, ring);
    }
  }
  if (left.size > 0) throw missing([...left]);
  return { opened, ids: ring.keys.map(({ info }) => info.id) };
}

const isSame = (one: Unlock, other: Unlock): boolean =>
  one.passphrase === other.passphrase && one.recoveryWords === other.recoveryWords;

function missing(keys: readonly KeyObject[]): HoldfastError {
  const named = keys.map(({ info }) => `${info.id} (${info.kind}, ${info.label})`).join(', ');
  return new HoldfastError('KEY_SECRET_MISSING', `the secret of these keys was not given: ${named}`, {
    remedy:
      'give the passphrase or the recovery words of each, or remove the key first; without it new restore points could not be read with that key',
    facts: { keys: keys.length },
  });
}
