import { KeyObject } from 'node:crypto';

/** Every key and nonce that something was sealed with, as fingerprints: `null` while nobody watches. */
let seen: Map<string, number> | null = null;

let isDeaf = 0;

/** Whether the source of random bytes gives the same ones over and over. */
export const deaf = {
  get: (): number => isDeaf,
  set: (wanted: number): void => {
    isDeaf = wanted;
  },
};

/** Is told of each cipher that is made. */
export function noteCipher(algorithm: string, key: unknown, nonce: unknown): void {
  if (seen === null || algorithm !== 'aes-256-gcm') return;
  const raw = key instanceof KeyObject ? key.export() : Buffer.from(key as Uint8Array);
  const pair = `${raw.toString('latin1')}${Buffer.from(nonce as Uint8Array).toString('latin1')}`;
  seen.set(pair, (seen.get(pair) ?? 0) + 1);
}

/** What was seen while some work was done. */
export interface WatchedCiphers {
  /** Pairs of key and nonce. */
  readonly pairs: number;
  /** Pairs that were used more than once. */
  readonly repeated: number;
  /** What the work threw: who uses a nonce twice may well fail over it too. */
  readonly failure: unknown;
}

export async function watchCiphers(work: () => Promise<void>): Promise<WatchedCiphers> {
  const mine = new Map<string, number>();
  seen = mine;
  let failure: unknown = null;
  try {
    await work();
  } catch (thrown) {
    failure = thrown;
  } finally {
    seen = null;
  }
  return { pairs: mine.size, repeated: [...mine.values()].filter((times) => times > 1).length, failure };
}
