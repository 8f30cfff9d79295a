import { randomBytes } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Call, HoldfastError } from '@holdfast/api';
import type { SecretReference } from '../../config/contract.ts';
import type { Site } from '../contract.ts';
import { makeOwnFolder, refusal } from './own-folder.ts';

/** A passphrase and the reference under which the configuration finds it again. */
export interface Passphrase {
  readonly value: string;
  readonly reference: SecretReference;
  /** The file that was made for it; `null` when it was there before. */
  readonly madeFile: string | null;
  /** Takes a file that was made away again. */
  abandon(): Promise<void>;
}

/** Where a generated passphrase goes. */
export const passphraseFile = (site: Site, target: string): string =>
  join(site.folders.data, 'keys', `${target}.passphrase`);

/**
 * The passphrase that a reference leads to, or a generated one in a file that only its owner can read.
 * @throws `SECRET_UNAVAILABLE`, `NAME_TAKEN` when a passphrase of this name was generated before.
 */
export async function takePassphrase(
  site: Site,
  target: string,
  reference: string | null,
  call: Call,
): Promise<Passphrase> {
  if (reference !== null) {
    const value = await (await site.secrets()).resolve(reference, call.signal);
    return { value, reference, madeFile: null, abandon: async () => {} };
  }
  const file = passphraseFile(site, target);
  const value = randomBytes(32).toString('base64url');
  await makeOwnFolder(join(site.folders.data, 'keys'));
  try {
    await using handle = await open(file, 'wx', 0o600);
    await handle.writeFile(`${value}\n`);
    await handle.sync();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw refusal(file, cause);
    throw new HoldfastError('NAME_TAKEN', `a passphrase for ${target} was generated before and is in ${file}`, {
      remedy: `use it with \`--passphrase file:${file}\`, or choose another name for the target`,
      cause,
    });
  }
  return { value, reference: `file:${file}`, madeFile: file, abandon: () => rm(file, { force: true }) };
}
