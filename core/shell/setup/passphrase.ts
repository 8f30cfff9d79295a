import { randomBytes } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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

/** What a generated passphrase looks like in its file. */
const generated = /^[A-Za-z0-9_-]{43}\n$/;

/**
 * Reference to a passphrase that an earlier attempt generated for a target that is not configured; `null` when there is none.
 * @throws `NAME_TAKEN` when the file holds something else.
 */
export async function generatedBefore(site: Site, target: string): Promise<SecretReference | null> {
  const file = passphraseFile(site, target);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw refusal(file, cause);
  }
  if (generated.test(text)) return `file:${file}`;
  const remedy =
    text === ''
      ? `nothing was made with it: remove ${file}, then run this again`
      : `if it is a passphrase, use it with \`--passphrase file:${file}\`; else move it away and run this again`;
  throw new HoldfastError('NAME_TAKEN', `${file} is ${text === '' ? 'empty' : 'no passphrase that was generated'}`, {
    remedy,
  });
}

/** Makes sure that the file's name outlives a power cut, for a repository will depend on it. */
async function syncFolders(file: string): Promise<void> {
  for (const folder of [dirname(file), dirname(dirname(file))]) {
    await using handle = await open(folder, 'r');
    await handle.sync();
  }
}

/**
 * Keeps a secret that a person gave in a file that only its owner can read: where no passphrase can be added to a repository.
 * @throws `NAME_TAKEN` when the file holds another one.
 */
export async function keepSecret(site: Site, target: string, secret: string): Promise<SecretReference> {
  const file = passphraseFile(site, target);
  await makeOwnFolder(join(site.folders.data, 'keys'));
  try {
    await writeOnce(file, secret);
  } catch (cause) {
    const before = await readFile(file, 'utf8').catch(() => null);
    if (before !== `${secret}\n`) throw refusal(file, cause);
  }
  return `file:${file}`;
}

async function writeOnce(file: string, secret: string): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  await handle.writeFile(`${secret}\n`);
  await handle.sync();
  await syncFolders(file);
}

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
    await writeOnce(file, value);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw refusal(file, cause);
    throw new HoldfastError('NAME_TAKEN', `a passphrase for ${target} was generated before and is in ${file}`, {
      remedy: `use it with \`--passphrase file:${file}\`, or choose another name for the target`,
      cause,
    });
  }
  return { value, reference: `file:${file}`, madeFile: file, abandon: () => rm(file, { force: true }) };
}
