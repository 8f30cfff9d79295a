import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { SecretReference } from '../contract.ts';
import type { Environment } from '../environment.ts';
import { errnoOf } from '../read-text.ts';
import { secretBytes, secretText, unavailable } from './reference.ts';

/** `file:/path`: a file that only its owner can read. */
export async function fileSecret(reference: SecretReference, path: string): Promise<string> {
  if (!isAbsolute(path)) throw unavailable(reference, 'the path is not absolute', 'write the whole path, from /');
  return await readSecretFile(reference, path, true);
}

/** `systemd:name`: a credential that systemd has put into this service's own folder. */
export async function systemdSecret(reference: SecretReference, name: string, env: Environment): Promise<string> {
  const folder = env.CREDENTIALS_DIRECTORY;
  if (folder === undefined || !isAbsolute(folder)) {
    throw unavailable(
      reference,
      'this process was not started by systemd with credentials',
      'add LoadCredential= or LoadCredentialEncrypted= to the service, or use another kind of reference here',
    );
  }
  if (!/^[A-Za-z0-9_.@-]{1,255}$/.test(name) || name === '.' || name === '..') {
    throw unavailable(reference, 'this is not the name of a credential', 'write its name as in LoadCredential=');
  }
  // systemd guards the folder and opens the file to the service's user by an access list, which looks like a group's right.
  return await readSecretFile(reference, join(folder, name), false);
}

async function readSecretFile(reference: SecretReference, path: string, onlyOwner: boolean): Promise<string> {
  try {
    // Not to wait for the other end of a pipe.
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile()) throw unavailable(reference, 'it is not a regular file', 'refer to a file');
    if (onlyOwner && (stat.mode & 0o077) !== 0) {
      throw unavailable(reference, 'others than its owner may open the file', `\`chmod 600 ${path}\``);
    }
    const buffer = Buffer.alloc(secretBytes + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return secretText(reference, buffer.subarray(0, length));
  } catch (error) {
    const code = errnoOf(error);
    if (code === undefined) throw error;
    const why = code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`;
    throw unavailable(reference, why, 'check the path and that you may read the file');
  }
}
