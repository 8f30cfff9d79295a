import { openKeyedHash } from '../data/hash/keyed-hash.ts';
import { machineKey } from '../keys/derive.ts';
import type { RepositorySecrets, Suite } from '../suite.ts';

/**
 * Folder of a machine's manifests: names nobody who lacks the keys.
 * @see docs/formats/repository.md §8
 */
export function machineFolder(
  machine: { readonly endpoint: string; readonly id: string },
  secrets: RepositorySecrets,
  hash: Suite['hash'],
): string {
  const named = Buffer.from(`${machine.endpoint}\u0000${machine.id}`, 'utf8');
  return Buffer.from(openKeyedHash(hash, machineKey(secrets))(named).subarray(0, 16)).toString('hex');
}
