import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { SecretReference } from '../../config/contract.ts';

const stepMs = 30_000;
const digits = 6;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Secrets whose last code is remembered at once. */
const mostRemembered = 2_000;

/** Name under which a user's secret is sealed. */
export const totpName = (user: string): string => `totp-${user}`;
/** How the secrets of the installation find it. */
export const totpReference = (user: string): SecretReference => `sealed:${totpName(user)}`;

/** A new secret: 160 bits in base32, as RFC 4226 §4 wants. */
export function makeTotpSecret(): string {
  const bits = Array.from(randomBytes(20), (byte) => byte.toString(2).padStart(8, '0')).join('');
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet.charAt(Number.parseInt(five, 2))).join('');
}

/** What an authenticator takes as a link or a QR code. */
export function totpAddress(user: string, site: string, secret: string): string {
  const [issuer, label] = [encodeURIComponent(`Holdfast ${site}`), encodeURIComponent(user)];
  return `otpauth://totp/${issuer}:${label}?secret=${secret}&issuer=${issuer}&algorithm=SHA1&digits=${digits}&period=30`;
}

/** Bytes of a base32 text; `null` when it is none. Blanks and padding do not count. */
function fromBase32(text: string): Buffer | null {
  const plain = text.replace(/[\s=-]/g, '').toUpperCase();
  if (plain.length < 16 || plain.length > 1024 || !/^[A-Z2-7]+$/.test(plain)) return null;
  const bits = Array.from(plain, (sign) => alphabet.indexOf(sign).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((eight) => Number.parseInt(eight, 2)));
}

/** The code of a step. @see RFC 4226 §5.3 */
function codeOf(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const hash = createHmac('sha1', key).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 0x0f;
  return String((hash.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** digits).padStart(digits, '0');
}

/** The code that an authenticator shows at a time. */
export function totpCode(secret: string, at: number): string {
  const key = fromBase32(secret);
  if (key === null) throw new TypeError('this is no secret of one-time passwords');
  return codeOf(key, Math.floor(at / stepMs));
}

/** Checks one-time passwords and remembers which were used: each is good for once. */
export class TotpGate {
  readonly #used = new Map<string, number>();

  /**
   * Whether a code is that of this time, or of the step before or after it, and newer than any that was taken.
   * @param at Epoch milliseconds.
   * @see RFC 6238 §5.2
   */
  matches(secret: string, code: string, at: number): boolean {
    const key = fromBase32(secret);
    const typed = code.replaceAll(' ', '');
    if (key === null || !/^\d{6}$/.test(typed)) return false;
    const identity = createHash('sha256').update(key).digest('base64');
    const last = this.#used.get(identity) ?? -1;
    const now = Math.floor(at / stepMs);
    // All three are compared, so that the time it takes does not tell which one was near.
    const fitting = [now - 1, now, now + 1].filter(
      (step) => step >= 0 && timingSafeEqual(Buffer.from(codeOf(key, step)), Buffer.from(typed)),
    );
    const step = fitting.find((one) => one > last);
    if (step === undefined) return false;
    this.#used.delete(identity);
    this.#used.set(identity, step);
    const [oldest] = this.#used.keys();
    if (this.#used.size > mostRemembered && oldest !== undefined) this.#used.delete(oldest);
    return true;
  }
}

const gate = new TotpGate();

/** `TotpGate.matches` with the memory of this process: what one connection used is used for all. */
export const totpMatches = (secret: string, code: string, at: number): boolean => gate.matches(secret, code, at);
