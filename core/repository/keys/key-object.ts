import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { HoldfastError } from '@holdfast/api';
import type { KeyInfo } from '../contract.ts';
import { Fields } from '../documents/fields.ts';
import { parseJson } from '../documents/json.ts';
import { hedgedNonce } from './hedged-nonce.ts';
import { costLimits, type PassphraseCost } from './passphrase.ts';

/** `keys/<id>` is never longer than this. */
export const MAX_KEY_BYTES = 1024 * 1024;

const TAG_BYTES = 16;
const SALT_BYTES = 16;

/** How a key is unwrapped, besides the secret. */
export type KeyLock =
  | { readonly kind: 'passphrase'; readonly cost: PassphraseCost; readonly salt: Uint8Array }
  | { readonly kind: 'recovery'; readonly salt: Uint8Array };

/** A key object as it lies in the store. */
export interface KeyObject {
  readonly info: KeyInfo;
  readonly lock: KeyLock;
  /** Id of the repository that it was made for; another one means that it is not ours. */
  readonly repository: string;
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
}

export const newSalt = (): Uint8Array => randomBytes(SALT_BYTES);

export const keyName = (id: string): string => `keys/${id}`;

const keyId = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 32);

const associated = (repository: string): Uint8Array => Buffer.from(`holdfast/key/${repository}`, 'utf8');

/**
 * Makes the bytes of a key object; its id is their hash.
 * @see docs/formats/repository.md §4
 */
export function sealKey(
  lock: KeyLock,
  wrappingKey: Uint8Array,
  payload: Uint8Array,
  about: {
    readonly repository: string;
    readonly label: string;
    readonly createdAt: number;
    readonly generation: number;
  },
): { readonly id: string; readonly bytes: Uint8Array } {
  const nonce = hedgedNonce(wrappingKey, payload);
  const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce);
  cipher.setAAD(associated(about.repository));
  const sealed = Buffer.concat([cipher.update(payload), cipher.final(), cipher.getAuthTag()]);
  const salt = Buffer.from(lock.salt).toString('hex');
  const object = {
    version: 1,
    repository: about.repository,
    kind: lock.kind,
    label: about.label,
    createdAt: about.createdAt,
    generation: about.generation,
    ...(lock.kind === 'passphrase' ? { kdf: { name: 'scrypt', ...lock.cost, salt } } : { salt }),
    nonce: nonce.toString('hex'),
    sealed: sealed.toString('hex'),
  };
  const bytes = Buffer.from(`${JSON.stringify(object, null, 2)}\n`, 'utf8');
  return { id: keyId(bytes), bytes };
}

/**
 * Reads a key object without opening it.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED`; `REPOSITORY_NEWER` when it is of a kind that is not known.
 */
export function parseKey(id: string, bytes: Uint8Array): KeyObject {
  const name = keyName(id);
  const value = parseJson(bytes, MAX_KEY_BYTES, name);
  if (keyId(bytes) !== id) {
    throw new HoldfastError('REPOSITORY_DAMAGED', `${name} is not what was put there`, { facts: { object: name } });
  }
  const fields = new Fields(value, name);
  const version = fields.integer('version', 1);
  if (version > 1) throw new HoldfastError('REPOSITORY_NEWER', `${name} has version ${version}, which is not known`);
  const kind = fields.oneOf('kind', ['passphrase', 'recovery']);
  const sealed = Buffer.from(parseHex(fields, 'sealed'), 'hex');
  if (sealed.length < TAG_BYTES) throw fields.wrong('sealed', 'is too short');
  return {
    info: {
      id,
      kind,
      label: fields.text('label', 1024),
      createdAt: fields.integer('createdAt'),
      // Anybody can write that: it is for whoever lists and removes keys, and for nothing else.
      generation: fields.has('generation') ? fields.integer('generation', 1, 0xffff_ffff) : 1,
    },
    lock: kind === 'passphrase' ? parseKdf(fields.object('kdf')) : { kind, salt: parseSalt(fields) },
    repository: fields.hex('repository', 16),
    nonce: Buffer.from(fields.hex('nonce', 12), 'hex'),
    sealed,
  };
}

/** The payload, or `null` when the wrapping key does not fit. */
export function unsealKey(key: KeyObject, wrappingKey: Uint8Array): Uint8Array | null {
  const decipher = createDecipheriv('aes-256-gcm', wrappingKey, key.nonce);
  decipher.setAAD(associated(key.repository));
  const end = key.sealed.length - TAG_BYTES;
  decipher.setAuthTag(key.sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(key.sealed.subarray(0, end)), decipher.final()]);
  } catch {
    return null;
  }
}

const parseSalt = (fields: Fields): Uint8Array => Buffer.from(fields.hex('salt', SALT_BYTES), 'hex');

function parseHex(fields: Fields, name: string): string {
  const digits = fields.text(name, MAX_KEY_BYTES);
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/.test(digits)) throw fields.wrong(name, 'is not hexadecimal');
  return digits;
}

function parseKdf(fields: Fields): KeyLock {
  fields.oneOf('name', ['scrypt']);
  const N = fields.integer('N', 2, costLimits.N);
  const r = fields.integer('r', 1, costLimits.r);
  const p = fields.integer('p', 1, costLimits.p);
  if (!Number.isInteger(Math.log2(N))) throw fields.wrong('N', 'is not a power of two');
  if (N * r > costLimits.Nr) throw fields.wrong('N', `times r is over ${costLimits.Nr}`);
  return { kind: 'passphrase', cost: { N, r, p }, salt: parseSalt(fields) };
}
