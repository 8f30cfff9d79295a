import { createCipheriv, createDecipheriv } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { HoldfastError } from '@holdfast/api';
import { documentKey } from '../keys/derive.ts';
import { hedgedNonce } from '../keys/hedged-nonce.ts';
import type { RepositorySecrets } from '../suite.ts';
import { parseJson } from './json.ts';

const MAGIC = Buffer.from('HFD1', 'ascii');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BODY_AT = 8 + NONCE_BYTES;
const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** A sealed document is never longer than this. */
export const MAX_DOCUMENT_BYTES = BODY_AT + MAX_JSON_BYTES + 64 * 1024 + TAG_BYTES;

/** What sealing and opening need. */
export interface DocumentKeys {
  /** 32 hexadecimal digits. */
  readonly repositoryId: string;
  readonly secrets: RepositorySecrets;
}

/**
 * Seals a JSON value for one object name.
 * @see docs/formats/repository.md §5
 */
export function sealDocument(name: string, value: unknown, keys: DocumentKeys): Uint8Array {
  const { current, generations } = keys.secrets;
  const master = generations[current];
  if (master === undefined) throw new Error(`no master key of generation ${current}`);
  const json = Buffer.from(JSON.stringify(value), 'utf8');
  if (json.length > MAX_JSON_BYTES) throw new Error(`${name} would be longer than ${MAX_JSON_BYTES} bytes`);
  const head = Buffer.alloc(BODY_AT);
  MAGIC.copy(head);
  head.writeUInt32LE(current, 4);
  const key = documentKey(master, keys.repositoryId, name);
  const frame = zstdCompressSync(json);
  const nonce = hedgedNonce(key, frame);
  nonce.copy(head, 8);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(name, 'utf8'));
  return Buffer.concat([head, cipher.update(frame), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens what `sealDocument` made for this very name.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED` when anything about it is not as it was sealed.
 */
export function openDocument(name: string, sealed: Uint8Array, keys: DocumentKeys): unknown {
  const damaged = (how: string, cause?: unknown): HoldfastError =>
    new HoldfastError('REPOSITORY_DAMAGED', `${name} ${how}`, { facts: { object: name }, cause });
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < BODY_AT + TAG_BYTES) throw damaged('is too short for a sealed document');
  if (bytes.length > MAX_DOCUMENT_BYTES) throw damaged('is too long for a sealed document');
  if (!bytes.subarray(0, 4).equals(MAGIC)) throw damaged('is not a sealed document');
  const generation = bytes.readUInt32LE(4);
  const master = keys.secrets.generations[generation];
  if (master === undefined) {
    // With a key that is held it opens only if the number of the generation is what was damaged.
    if (opensWithAny(name, bytes, keys)) throw damaged('names a key generation that it was not sealed with');
    const how = `is sealed with key generation ${generation}, which the key that was used does not hold`;
    throw new HoldfastError('REPOSITORY_DAMAGED', `${name} ${how}`, {
      remedy:
        'open the repository with another passphrase or the recovery words, or put back a copy of the folder `keys`',
      facts: { object: name, generation },
    });
  }
  let frame: Buffer;
  try {
    frame = frameOf(name, bytes, documentKey(master, keys.repositoryId, name));
  } catch (cause) {
    throw damaged('fails its authentication', cause);
  }
  let json: Buffer;
  try {
    json = zstdDecompressSync(frame, { maxOutputLength: MAX_JSON_BYTES });
  } catch (cause) {
    throw damaged('does not decompress', cause);
  }
  return parseJson(json, MAX_JSON_BYTES, name);
}

/** @throws When it does not authenticate. */
function frameOf(name: string, bytes: Buffer, key: ReturnType<typeof documentKey>): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(8, BODY_AT));
  decipher.setAAD(Buffer.from(name, 'utf8'));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(BODY_AT, bytes.length - TAG_BYTES)), decipher.final()]);
}

function opensWithAny(name: string, bytes: Buffer, { repositoryId, secrets }: DocumentKeys): boolean {
  return Object.values(secrets.generations).some((master) => {
    try {
      return frameOf(name, bytes, documentKey(master, repositoryId, name)).length >= 0;
    } catch {
      return false;
    }
  });
}
