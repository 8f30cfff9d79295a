import { createHash, createPublicKey } from 'node:crypto';
import { HoldfastError } from '@holdfast/api';

/** A public key that may open a session. */
export interface PublicKey {
  readonly type: string;
  /** The key as SSH sends it. */
  readonly blob: Buffer;
  readonly bits: number;
  /** As `ssh-keygen -l` shows it: `SHA256:…`. */
  readonly fingerprint: string;
  readonly comment: string;
  /** Type, base64 and comment, as it is kept. */
  readonly line: string;
}

/** Longest text that is looked at: an RSA key of 16,384 bits has about 2,800 characters. */
const mostCharacters = 4096;
const mostComment = 100;
const rsaBits = { least: 3072, most: 16_384 } as const;

const curves: Readonly<Record<string, { readonly name: string; readonly crv: string; readonly bits: number }>> = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', crv: 'P-256', bits: 256 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', crv: 'P-384', bits: 384 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', crv: 'P-521', bits: 521 },
};

function refuse(why: string, remedy = 'give one line as `ssh-keygen` writes it into a .pub file'): never {
  throw new HoldfastError('USAGE', `this is no public key that is taken: ${why}`, { remedy });
}

/** Whether a text begins as a public key does, so that it is no path of a file. */
export const looksLikeKey = (text: string): boolean => /^(ssh-|ecdsa-sha2-|sk-)[\w@.-]+ /.test(text.trim());

/**
 * Reads one public key and checks it wholly: what is kept is what will be compared.
 * @throws `USAGE` saying what is wrong; never with a private key in it.
 */
export function parsePublicKey(text: string): PublicKey {
  const line = text.trim();
  if (line.includes('PRIVATE KEY'))
    refuse('it is a private key', 'name the .pub file beside it, and keep this one to yourself');
  if (line.length > mostCharacters || /[\r\n]/.test(line)) refuse('it is more than one line, or too long');
  const [type = '', base64 = '', ...rest] = line.split(/[ \t]+/);
  const isKnown = type === 'ssh-ed25519' || type === 'ssh-rsa' || Object.hasOwn(curves, type);
  if (!isKnown) refuseType(line, type);
  const blob = Buffer.from(base64, 'base64');
  if (base64 === '' || blob.toString('base64') !== base64) refuse('its base64 is damaged');
  const bits = checkBlob(type, blob);
  const comment = rest
    .join(' ')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, mostComment);
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
  return { type, blob, bits, fingerprint, comment, line: `${type} ${base64}${comment === '' ? '' : ` ${comment}`}` };
}

function refuseType(line: string, type: string): never {
  if (/-cert-v\d\d@/.test(type)) refuse('certificates are not taken', 'give the key itself');
  if (type.startsWith('sk-')) refuse('keys of security tokens are not taken yet', 'give an ssh-ed25519 key');
  if (type === 'ssh-dss') refuse('DSA is broken', 'make another: `ssh-keygen -t ed25519`');
  if (/(^|[\s,])(ssh-ed25519|ssh-rsa|ecdsa-sha2-\S+) AAAA/.test(line)) {
    refuse('options before the key are not taken', 'leave them away: what somebody may do is said by roles');
  }
  refuse('ssh-ed25519, ecdsa-sha2-nistp256, -384, -521 and ssh-rsa are taken');
}

/** Reads the parts of a key: length (4 bytes, big endian), then as many bytes. */
class Parts {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  next(): Buffer {
    if (this.#at + 4 > this.#bytes.length) refuse('it is cut short');
    const length = this.#bytes.readUInt32BE(this.#at);
    const from = this.#at + 4;
    if (length > this.#bytes.length - from) refuse('it is cut short');
    this.#at = from + length;
    return this.#bytes.subarray(from, this.#at);
  }

  /** A positive number in its shortest form. */
  number(): Buffer {
    const bytes = this.next();
    const [first = 0x80, second = 0] = bytes;
    if (first >= 0x80 || (first === 0 && second < 0x80)) refuse('a number in it is not written as it must be');
    return first === 0 ? bytes.subarray(1) : bytes;
  }

  end(): void {
    if (this.#at !== this.#bytes.length) refuse('something follows it');
  }
}

/** @returns Its size in bits. */
function checkBlob(type: string, blob: Buffer): number {
  const parts = new Parts(blob);
  if (parts.next().toString('latin1') !== type) refuse('its base64 is of a key of another type');
  const curve = curves[type];
  if (curve !== undefined) {
    if (parts.next().toString('latin1') !== curve.name) refuse('its curve is another one');
    const point = parts.next();
    parts.end();
    checkPoint(curve.crv, Math.ceil(curve.bits / 8), point);
    return curve.bits;
  }
  if (type === 'ssh-ed25519') {
    const key = parts.next();
    parts.end();
    if (key.length !== 32) refuse('an ed25519 key has 32 bytes');
    return 256;
  }
  const exponent = parts.number();
  const modulus = parts.number();
  parts.end();
  return checkRsa(exponent, modulus);
}

function checkRsa(exponent: Buffer, modulus: Buffer): number {
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24;
  if (bits < rsaBits.least) {
    refuse(`its RSA modulus has ${bits} bits`, `${rsaBits.least} are the least; better: \`ssh-keygen -t ed25519\``);
  }
  if (bits > rsaBits.most) refuse(`its RSA modulus has ${bits} bits`, `${rsaBits.most} are the most`);
  const isOdd = ((exponent.at(-1) ?? 0) & (modulus.at(-1) ?? 0) & 1) === 1;
  const isSmall = exponent.length > 4 || exponent.readUIntBE(0, exponent.length) < 3;
  if (!isOdd || isSmall) refuse('its RSA numbers cannot be those of a key');
  return bits;
}

function checkPoint(crv: string, size: number, point: Buffer): void {
  if (point.length !== 1 + 2 * size || point[0] !== 4) refuse('its point is not written in full');
  const x = point.subarray(1, 1 + size).toString('base64url');
  const y = point.subarray(1 + size).toString('base64url');
  try {
    createPublicKey({ key: { kty: 'EC', crv, x, y }, format: 'jwk' });
  } catch {
    refuse('its point does not lie on its curve');
  }
}
