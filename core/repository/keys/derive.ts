import { hkdfSync } from 'node:crypto';
import type { RepositorySecrets } from '../suite.ts';

const NO_SALT = new Uint8Array(0);

const hkdf = (key: Uint8Array, salt: Uint8Array, info: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', key, salt, info, 32));

/**
 * Key of one sealed document, 32 bytes.
 * @param repositoryId 32 hexadecimal digits; the salt.
 * @see docs/formats/repository.md §4
 */
export function documentKey(master: Uint8Array, repositoryId: string, name: string): Uint8Array {
  return hkdf(master, Buffer.from(repositoryId, 'hex'), `holdfast/document/${name}`);
}

/** Key that names machines, 32 bytes. */
export function machineKey(secrets: RepositorySecrets): Uint8Array {
  return hkdf(secrets.family, NO_SALT, 'holdfast/machine-id');
}

/** Key that names installations, 32 bytes. */
export function siteKey(secrets: RepositorySecrets): Uint8Array {
  return hkdf(secrets.family, NO_SALT, 'holdfast/site-id');
}

/** Key that wraps the secrets for a set of recovery words, 32 bytes. */
export function recoveryWrappingKey(recoveryKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return hkdf(recoveryKey, salt, 'holdfast/recovery');
}
