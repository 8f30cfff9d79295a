import { openKeyedHash } from '../data/hash/keyed-hash.ts';
import { siteKey } from '../keys/derive.ts';
import type { RepositorySecrets, Suite } from '../suite.ts';

/**
 * Folder of an installation's saved catalogs: names nobody who lacks the keys.
 * @see docs/formats/repository.md §11
 */
export function siteFolder(site: string, secrets: RepositorySecrets, hash: Suite['hash']): string {
  const named = Buffer.from(site, 'utf8');
  return Buffer.from(openKeyedHash(hash, siteKey(secrets))(named).subarray(0, 16)).toString('hex');
}
