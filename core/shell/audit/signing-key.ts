import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { replaceFile } from '../../config/replace-file.ts';
import { sha256 } from './line.ts';

/** The key that vouches for the log. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** SHA-256 of the public key (32 bytes), hexadecimal. */
  readonly fingerprint: string;
  /** Whether others than its owner may read its file. */
  readonly isOpen: boolean;
}

const keyOf = (pem: string, isOpen: boolean): SigningKey | null => {
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType !== 'ed25519') return null;
    const publicKey = createPublicKey(privateKey);
    const { x = '' } = publicKey.export({ format: 'jwk' });
    return { privateKey, publicKey, fingerprint: sha256(Buffer.from(x, 'base64url')), isOpen };
  } catch {
    return null;
  }
};

/** @returns `null` when there is none; `damaged` when there is something else. */
export async function readKey(file: string): Promise<SigningKey | null | 'damaged'> {
  try {
    const { mode, size } = await stat(file);
    if (size > 4096) return 'damaged';
    return keyOf(await readFile(file, 'utf8'), (mode & 0o077) !== 0) ?? 'damaged';
  } catch (problem) {
    if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return null;
    throw problem;
  }
}

/** Makes the key, durably and for its owner alone. */
export async function makeKey(file: string): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await replaceFile(file, pem, { mode: 0o600 });
  const key = keyOf(pem, false);
  if (key === null) throw new Error('a key that was just made cannot be read');
  return key;
}

/** 64 bytes, hexadecimal. */
export const signed = ({ privateKey }: SigningKey, text: Uint8Array): string =>
  sign(null, text, privateKey).toString('hex');

export const isSignedBy = ({ publicKey }: SigningKey, text: Uint8Array, signature: string): boolean =>
  verify(null, text, publicKey, Buffer.from(signature, 'hex'));
