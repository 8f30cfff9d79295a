import { createCipheriv, createDecipheriv, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { HoldfastError } from '@holdfast/api';

/** Work factors of scrypt. */
export interface SealCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** Takes 128 MiB and about half a second. */
export const sealCost: SealCost = { N: 131_072, r: 8, p: 1 };

/** The secrets by name. */
export type SealedSecrets = ReadonlyMap<string, string>;

const associated = Buffer.from('holdfast/sealed-secrets/1');
/** scrypt takes 128 · N · r bytes; more than this is refused. */
const maxScryptBytes = 1024 ** 3;
const hex = (digits: number) => new RegExp(`^[0-9a-f]{${digits}}$`);

/** The file's parts, checked. @see docs/formats/sealed-secrets.md */
interface SealedFile {
  readonly format: 'holdfast-sealed-secrets';
  readonly version: 1;
  readonly kdf: SealCost & { readonly name: 'scrypt'; readonly salt: string };
  readonly check: string;
  readonly nonce: string;
  readonly sealed: string;
}

/** Seals with a new salt and a new nonce each time, so that no key ever meets a nonce twice. */
export async function seal(secrets: SealedSecrets, passphrase: string, cost: SealCost): Promise<string> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const { key, check } = await derive(passphrase, salt, cost);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(associated);
  const payload = JSON.stringify({ secrets: [...secrets].toSorted(([a], [b]) => (a < b ? -1 : 1)) });
  const sealed = Buffer.concat([cipher.update(payload, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  const file: SealedFile = {
    format: 'holdfast-sealed-secrets',
    version: 1,
    kdf: { name: 'scrypt', ...cost, salt: salt.toString('hex') },
    check: check.toString('hex'),
    nonce: nonce.toString('hex'),
    sealed: sealed.toString('base64'),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** @throws `SECRET_UNAVAILABLE` when the passphrase is wrong or the file is damaged; it says which. */
export async function unseal(text: string, passphrase: string): Promise<SealedSecrets> {
  const file = parseFile(text);
  const { key, check } = await derive(passphrase, Buffer.from(file.kdf.salt, 'hex'), file.kdf);
  if (!timingSafeEqual(check, Buffer.from(file.check, 'hex'))) {
    throw new HoldfastError('SECRET_UNAVAILABLE', 'the sealed store does not open with this passphrase', {
      remedy: 'try again with the passphrase that was chosen when the first secret was sealed',
    });
  }
  const sealed = Buffer.from(file.sealed, 'base64');
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(file.nonce, 'hex'));
    decipher.setAAD(associated);
    decipher.setAuthTag(sealed.subarray(-16));
    const payload = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    return parsePayload(payload.toString('utf8'));
  } catch {
    // The cause would be of no use, and could quote what was opened.
    throw damaged('its content fails authentication');
  }
}

async function derive(
  passphrase: string,
  salt: Buffer,
  { N, r, p }: SealCost,
): Promise<{ key: Buffer; check: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const options = { N, r, p, maxmem: 128 * N * r + 16 * 1024 * 1024 };
  scrypt(Buffer.from(passphrase.normalize('NFC'), 'utf8'), salt, 48, options, (error, derived) => {
    if (error === null) resolve(derived);
    else reject(error);
  });
  const derived = await promise;
  return { key: derived.subarray(0, 32), check: derived.subarray(32) };
}

function parseFile(text: string): SealedFile {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw damaged('it is not JSON');
  }
  if (!isRecord(parsed) || parsed.format !== 'holdfast-sealed-secrets') throw damaged('it is something else');
  if (parsed.version !== 1) throw damaged(`it has version ${String(parsed.version)}, this Holdfast knows 1`);
  if (!isSealedFile(parsed)) throw damaged('a part of it is missing or not as it must be');
  return parsed;
}

function isSealedFile(
  parsed: Readonly<Record<string, unknown>>,
): parsed is Readonly<Record<string, unknown>> & SealedFile {
  const { kdf, check, nonce, sealed } = parsed;
  if (!isRecord(kdf) || kdf.name !== 'scrypt' || typeof kdf.salt !== 'string' || !hex(32).test(kdf.salt)) return false;
  const { N, r, p } = kdf;
  if (typeof N !== 'number' || typeof r !== 'number' || typeof p !== 'number') return false;
  const powerOfTwo = Number.isInteger(N) && N >= 2 && N <= 2 ** 20 && (N & (N - 1)) === 0;
  if (!powerOfTwo || !Number.isInteger(r) || r < 1 || !Number.isInteger(p) || p < 1 || p > 4) return false;
  if (128 * N * r > maxScryptBytes) return false;
  return (
    typeof check === 'string' &&
    hex(32).test(check) &&
    typeof nonce === 'string' &&
    hex(24).test(nonce) &&
    typeof sealed === 'string' &&
    sealed.length >= 24
  );
}

function parsePayload(text: string): SealedSecrets {
  const parsed: unknown = JSON.parse(text);
  const list: readonly unknown[] = isRecord(parsed) && Array.isArray(parsed.secrets) ? parsed.secrets : [];
  const secrets = new Map<string, string>();
  for (const pair of list) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string' || typeof pair[1] !== 'string')
      throw damaged('odd content');
    secrets.set(pair[0], pair[1]);
  }
  return secrets;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function damaged(why: string): HoldfastError {
  return new HoldfastError('SECRET_UNAVAILABLE', `the sealed store is damaged: ${why}`, {
    remedy: 'put back a copy of it, or remove it and seal the secrets again',
  });
}
