import { createCipheriv, createDecipheriv } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { HoldfastError } from '@holdfast/api';
import type { DocumentKeys } from '../documents/sealed-document.ts';
import { documentKey } from '../keys/derive.ts';
import { hedgedNonce } from '../keys/hedged-nonce.ts';
import { MAX_PART_BYTES } from './catalog-document.ts';

const MAGIC = Buffer.from('HFCP', 'ascii');
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const BODY_AT = 8 + NONCE_BYTES;

/** A part in the store is never longer than this. */
export const MAX_SEALED_PART_BYTES = BODY_AT + MAX_PART_BYTES + 64 * 1024 + TAG_BYTES;

// On libuv's threads: a run may be going on in this process.
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/**
 * Seals a part of a saved catalog for one object name.
 * @see docs/formats/repository.md §11
 */
export async function sealPart(name: string, bytes: Uint8Array, keys: DocumentKeys): Promise<Uint8Array> {
  const { current, generations } = keys.secrets;
  const master = generations[current];
  if (master === undefined) throw new Error(`no master key of generation ${current}`);
  const frame = await compress(bytes);
  const head = Buffer.alloc(BODY_AT);
  MAGIC.copy(head);
  head.writeUInt32LE(current, 4);
  const key = documentKey(master, keys.repositoryId, name);
  const nonce = hedgedNonce(key, frame);
  nonce.copy(head, 8);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(name, 'utf8'));
  return Buffer.concat([head, cipher.update(frame), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Opens what `sealPart` made for this very name.
 * @param sizeBytes How many bytes it must hold; `null` when no document says.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED` when anything about it is not as it was sealed.
 */
export async function openPart(
  name: string,
  sealed: Uint8Array,
  sizeBytes: number | null,
  keys: DocumentKeys,
): Promise<Uint8Array> {
  const damaged = (how: string, cause?: unknown): HoldfastError =>
    new HoldfastError('REPOSITORY_DAMAGED', `${name} ${how}`, { facts: { object: name }, cause });
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  if (bytes.length < BODY_AT + TAG_BYTES) throw damaged('is too short for a part of a saved catalog');
  if (bytes.length > MAX_SEALED_PART_BYTES) throw damaged('is too long for a part of a saved catalog');
  if (!bytes.subarray(0, 4).equals(MAGIC)) throw damaged('is not a part of a saved catalog');
  const generation = bytes.readUInt32LE(4);
  const master = keys.secrets.generations[generation];
  if (master === undefined) throw damaged(`is sealed with key generation ${generation}, which this key does not hold`);
  const key = documentKey(master, keys.repositoryId, name);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(8, BODY_AT));
  decipher.setAAD(Buffer.from(name, 'utf8'));
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  let frame: Buffer;
  try {
    frame = Buffer.concat([decipher.update(bytes.subarray(BODY_AT, bytes.length - TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw damaged('fails its authentication', cause);
  }
  let plain: Buffer;
  try {
    plain = await decompress(frame, { maxOutputLength: sizeBytes ?? MAX_PART_BYTES });
  } catch (cause) {
    throw damaged('does not decompress', cause);
  }
  if (sizeBytes !== null && plain.length !== sizeBytes) throw damaged('is not as long as its document says');
  return plain;
}
