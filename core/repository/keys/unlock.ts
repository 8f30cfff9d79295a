import { type Call, HoldfastError, throwIfCancelled } from '@holdfast/api';
import type { Unlock } from '../contract.ts';
import type { RepositorySecrets } from '../suite.ts';
import { recoveryWrappingKey } from './derive.ts';
import { type KeyObject, unsealKey } from './key-object.ts';
import { type KeyPayload, parsePayload } from './key-payload.ts';
import type { KeyRing } from './key-ring.ts';
import { passphraseKey } from './passphrase.ts';

/** Makes the wrapping key that a key object would have with the secret at hand; `null` when it is of the other kind. */
export type Wrapping = (key: KeyObject) => Promise<Uint8Array | null>;

/** Throws `RECOVERY_WORDS_WRONG` for words that are none. */
export async function wrappingFor(unlock: Unlock): Promise<Wrapping> {
  const { passphrase, recoveryWords } = unlock;
  if (passphrase !== undefined) {
    return async ({ lock }) =>
      lock.kind === 'passphrase' ? await passphraseKey(passphrase, lock.salt, lock.cost) : null;
  }
  // Its word list is loaded by those who have words.
  const { recoveryKeyOf } = await import('./recovery-words.ts');
  const recoveryKey = recoveryKeyOf(recoveryWords ?? '');
  return async ({ lock }) => (lock.kind === 'recovery' ? recoveryWrappingKey(recoveryKey, lock.salt) : null);
}

/** What keys gave, and the first one that was opened. */
export type Opened = KeyPayload & { readonly key: string };

/** Why none of the keys was opened. */
export function refusal(unlock: Unlock, ring: KeyRing): HoldfastError {
  const kind = unlock.passphrase === undefined ? 'recovery' : 'passphrase';
  const other = kind === 'passphrase' ? 'the recovery words' : 'a passphrase';
  const [bad] = ring.bad;
  const ofKind = ring.keys.filter((key) => key.info.kind === kind).length;
  if (ofKind === 0 && (bad !== undefined || ring.keys.length === 0)) {
    const lost = bad === undefined ? 'all keys are missing' : `key ${bad.object} is damaged`;
    return new HoldfastError('REPOSITORY_DAMAGED', `the repository cannot be unlocked: ${lost}`, {
      remedy: ring.keys.length === 0 ? 'put back a copy of the folder `keys`' : `unlock it with ${other}`,
      ...(bad === undefined ? {} : { cause: bad.failure, facts: { object: bad.object } }),
    });
  }
  const damaged = bad === undefined ? '' : `; key ${bad.object} is damaged`;
  return kind === 'passphrase'
    ? new HoldfastError('PASSPHRASE_WRONG', `no key of the repository opens with this passphrase${damaged}`)
    : new HoldfastError('RECOVERY_WORDS_WRONG', `no key of the repository opens with these words${damaged}`);
}

/**
 * Opens the first key that fits; and others too, until the generations that are wanted are held: while keys are rotated, and when that was
 * broken off, one secret opens an older key and a newer one.
 * @param formatSha256 Hash of the `format.json` that was read: the key confirms it.
 * @throws {HoldfastError} `PASSPHRASE_WRONG`, `RECOVERY_WORDS_WRONG`; `REPOSITORY_DAMAGED` when the keys are lost or `format.json` is not theirs.
 */
export async function unlockKeys(
  ring: KeyRing,
  unlock: Unlock,
  formatSha256: string,
  call: Call,
  wanted: readonly number[] = [],
): Promise<Opened> {
  if ((unlock.passphrase === undefined) === (unlock.recoveryWords === undefined)) {
    throw new Error('exactly one of passphrase and recovery words is needed');
  }
  const wrapping = await wrappingFor(unlock);
  let held: RepositorySecrets | null = null;
  let first = '';
  for (const key of ring.keys) {
    throwIfCancelled(call.signal, 'unlocking the repository');
    const wrappingKey = await wrapping(key);
    const opened = wrappingKey === null ? null : unsealKey(key, wrappingKey);
    if (opened === null) continue;
    const payload = parsePayload(opened, `the secret of key ${key.info.id}`);
    if (payload.formatSha256 !== formatSha256) {
      throw new HoldfastError('REPOSITORY_DAMAGED', 'format.json is not the one that the keys were made for', {
        remedy: 'put back the original `format.json`: it is the same in every copy of this repository',
        facts: { object: 'format.json' },
      });
    }
    if (held === null) first = key.info.id;
    const secrets: RepositorySecrets = held === null ? payload.secrets : joined(held, payload.secrets);
    held = secrets;
    if (wanted.every((number) => secrets.generations[number] !== undefined)) break;
  }
  if (held !== null) return { secrets: held, formatSha256, key: first };
  throw refusal(unlock, ring);
}

/**
 * What two keys of one repository hold together.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED` when they contradict each other, which no rotation makes.
 */
export function joined(one: RepositorySecrets, other: RepositorySecrets): RepositorySecrets {
  for (const [number, master] of Object.entries(other.generations)) {
    const known = one.generations[Number(number)];
    if (known === undefined || Buffer.compare(known, master) === 0) continue;
    throw new HoldfastError('REPOSITORY_DAMAGED', `the keys contradict each other about key generation ${number}`, {
      facts: { object: 'keys/' },
    });
  }
  const generations = { ...one.generations, ...other.generations };
  return { family: one.family, generations, current: Math.max(...Object.keys(generations).map(Number)) };
}
