import { hostname } from 'node:os';
import { type Call, isHoldfastError } from '@holdfast/api';
import type { Repository } from '../../../../repository/contract.ts';
import type { Site } from '../../../contract.ts';
import { addToConfig } from '../../../setup/config-file.ts';
import { generatedBefore, keepSecret, takePassphrase } from '../../../setup/passphrase.ts';
import type { Place, Secret } from './place.ts';

/**
 * Makes the repository a target of this installation, with a passphrase that it can find again: where only words or a typed passphrase opened it,
 * a new one is generated into a file and added to the repository's keys.
 * @returns The reference to the passphrase.
 */
export async function registerTarget(
  site: Site,
  place: Place,
  name: string,
  secret: Secret,
  repository: Repository,
  call: Call,
): Promise<string> {
  if (place.isConfigured && (secret.reference !== null || (await opensAlready(site, place, call))))
    return String(place.instance.passphrase);
  const reference = secret.reference ?? (await newPassphrase(site, name, secret, repository, call));
  const file = { ...place.instance, passphrase: reference };
  await addToConfig(site, 'targets', name, file);
  return reference;
}

/** Whether the configuration's own passphrase still opens the repository. */
async function opensAlready(site: Site, { name, instance }: Place, call: Call): Promise<boolean> {
  if (typeof instance.passphrase !== 'string') return false;
  try {
    const passphrase = await (await site.secrets()).resolve(instance.passphrase, call.signal);
    const repository = await site.openRepositoryOn(name, instance, passphrase, call);
    await repository.close();
    return true;
  } catch (problem) {
    if (isHoldfastError(problem, 'SECRET_UNAVAILABLE') || isHoldfastError(problem, 'PASSPHRASE_WRONG')) return false;
    throw problem;
  }
}

async function newPassphrase(
  site: Site,
  name: string,
  { unlock }: Secret,
  repository: Repository,
  call: Call,
): Promise<string> {
  // One that an attempt has left that was killed: it may be a key already, and one more does no harm.
  const before = await generatedBefore(site, name);
  const passphrase = await takePassphrase(site, name, before, call);
  try {
    const secret = { passphrase: passphrase.value, isGenerated: true };
    await repository.addPassphrase(secret, `recovered on ${hostname()}`.slice(0, 200), call);
  } catch (problem) {
    await passphrase.abandon();
    const given = unlock.recoveryWords ?? unlock.passphrase;
    if (given === undefined || !isHoldfastError(problem, 'TARGET_READ_ONLY')) throw problem;
    // A disk that was put in write-protected, on purpose: what it holds can be restored all the same.
    const reference = await keepSecret(site, name, given);
    const what = unlock.recoveryWords === undefined ? 'the passphrase that was typed is' : 'the recovery words are';
    call.log(
      'warn',
      `nothing can be written to this target: ${what} kept in ${reference.slice('file:'.length)}, for no new passphrase could be added`,
    );
    return reference;
  }
  return passphrase.reference;
}
