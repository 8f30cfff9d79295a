import { createHash, randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import ssh2 from 'ssh2';
import { newKeyPair } from './key-pair.ts';

/** The key by which clients know this server. */
export interface HostKey {
  /** In OpenSSH's format. */
  readonly privateKey: string;
  /** `SHA256:` and the hash in base64, as `ssh-keygen -l` shows it. */
  readonly fingerprint: string;
}

const maxBytes = 16 * 1024;

/**
 * Reads the host key of a data folder; makes it at the first start. It is never replaced: a server whose key changes looks like an attacker.
 * @throws `SERVER_FAILED` when it is damaged, or when others than its owner may read it.
 */
export async function hostKey(dataFolder: string): Promise<HostKey> {
  const file = join(dataFolder, 'ssh-host-key');
  const found = await read(file);
  if (found !== null) return understand(found, file);
  await make(file, dataFolder);
  const made = await read(file);
  if (made === null) throw failed(`the host key ${file} went away while it was made`, 'start the server again', file);
  return understand(made, file);
}

/** As `ssh-keygen -l` shows a public key. */
export const fingerprintOf = (publicKey: Uint8Array): string =>
  `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;

async function read(file: string): Promise<string | null> {
  try {
    await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    const { mode, size } = await handle.stat();
    if ((mode & 0o077) !== 0) {
      throw failed(
        `others may read the host key ${file}`,
        `chmod 600 ${file}; if somebody has read it, remove it`,
        file,
      );
    }
    if (size > maxBytes) throw failed(`the host key ${file} is damaged`, 'restore it from a copy, or remove it', file);
    return await handle.readFile('utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    if (isHoldfastError(error)) throw error;
    throw failed(`the host key ${file} cannot be read`, 'check who it belongs to', file, error);
  }
}

/** Whole or not at all, and never over one that is there: two servers that start at once use the same. */
async function make(file: string, folder: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.new`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    {
      await using handle = await open(temporary, 'wx', 0o600);
      await handle.writeFile(newKey());
      await handle.sync();
    }
    await link(temporary, file);
    await using parent = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    await parent.sync();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw failed(`the host key ${file} cannot be made`, 'check that the data folder can be written', file, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** One key in some hundred that ssh2 1.17 writes cannot be read again, by itself or by OpenSSH: only one that can is kept. */
function newKey(): string {
  for (let attempt = 0; attempt < 20; attempt++) {
    const key = newKeyPair().private;
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
  throw new Error('no key that can be read was made');
}

function understand(privateKey: string, file: string): HostKey {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error || key.type !== 'ssh-ed25519' || !key.isPrivateKey()) {
    throw failed(
      `the host key ${file} is damaged`,
      'restore it from a copy, or remove it: clients then warn of a new key',
      file,
    );
  }
  return { privateKey, fingerprint: fingerprintOf(key.getPublicSSH()) };
}

const failed = (message: string, remedy: string, file: string, cause?: unknown): HoldfastError =>
  new HoldfastError('SERVER_FAILED', message, { remedy, facts: { file }, ...(cause === undefined ? {} : { cause }) });
