import { scrypt } from 'node:crypto';

/** How dear it is to try a passphrase. */
export interface PassphraseCost {
  /** A power of two. */
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB of memory and about a quarter of a second: as dear to guess as N = 2^17 with p = 1 (OWASP, Password Storage), at a quarter of its memory. */
export const defaultCost: PassphraseCost = { N: 32_768, r: 8, p: 3 };

/** Of a passphrase that is 256 bits of chance, some milliseconds: trying them all is beyond anybody at any cost, so that a dear one only delays its owner. */
export const generatedCost: PassphraseCost = { N: 1_024, r: 8, p: 1 };

/** What a reader accepts: beyond this a key is refused before any work is done for it. */
export const costLimits = { N: 2 ** 20, r: 16, p: 4, Nr: 2 ** 23 } as const;

/** The key that a passphrase makes, 32 bytes. The passphrase is taken in NFC, so that keyboards do not matter. */
export function passphraseKey(passphrase: string, salt: Uint8Array, cost: PassphraseCost): Promise<Uint8Array> {
  const { N, r, p } = cost;
  const maxmem = 128 * N * r + 128 * r * p + 1024 * 1024;
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, 32, { N, r, p, maxmem }, (failure, key) => {
      if (failure === null) resolve(key);
      else reject(failure);
    });
  });
}
