import { createHash } from 'node:crypto';
import { makeCall } from '@holdfast/api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyName, parseKey } from '../../../core/repository/keys/key-object.ts';
import { readKeys } from '../../../core/repository/keys/key-ring.ts';
import { makePassphraseKey, makeRecoveryKey } from '../../../core/repository/keys/make-keys.ts';
import { defaultCost } from '../../../core/repository/keys/passphrase.ts';
import { recoveryKeyOf, wordsOf } from '../../../core/repository/keys/recovery-words.ts';
import { unlockKeys } from '../../../core/repository/keys/unlock.ts';
import { mutated, survives } from '../malformed.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();
const cost = { N: 16, r: 8, p: 1 };
const formatSha256 = 'a'.repeat(64);
const repository = 'b'.repeat(32);
const payload = {
  secrets: { family: Buffer.alloc(32, 1), generations: { 1: Buffer.alloc(32, 2) }, current: 1 },
  formatSha256,
};
const note = { repository, label: 'test', createdAt: 7 };

async function storeWith(...keys: readonly { id: string; bytes: Uint8Array }[]): Promise<MemoryStore> {
  const store = new MemoryStore();
  for (const { id, bytes } of keys) await store.put(keyName(id), bytes, {}, call);
  return store;
}

const ring = async (store: MemoryStore) => readKeys(store, repository, call);

describe('keys', () => {
  test('each of several passphrases opens the repository, another one does not', async () => {
    const one = await makePassphraseKey({ passphrase: 'correct horse' }, cost, payload, note);
    const two = await makePassphraseKey({ passphrase: 'battery staple' }, cost, payload, note);
    const keys = await ring(await storeWith(one, two));
    for (const passphrase of ['correct horse', 'battery staple']) {
      const opened = await unlockKeys(keys, { passphrase }, formatSha256, call);
      expect(Buffer.from(opened.secrets.family)).toEqual(payload.secrets.family);
    }
    await expect(unlockKeys(keys, { passphrase: 'staple' }, formatSha256, call)).rejects.toMatchObject({
      code: 'PASSPHRASE_WRONG',
    });
  });

  test('a passphrase that costs as much to try as in earnest opens too', async () => {
    const keys = await ring(
      await storeWith(await makePassphraseKey({ passphrase: 'dear' }, defaultCost, payload, note)),
    );
    expect((await unlockKeys(keys, { passphrase: 'dear' }, formatSha256, call)).secrets.current).toBe(1);
  });

  test('a passphrase typed on another keyboard opens too', async () => {
    const keys = await ring(
      await storeWith(await makePassphraseKey({ passphrase: 'Stra\u00dfe \u00e9' }, cost, payload, note)),
    );
    const opened = await unlockKeys(keys, { passphrase: 'Stra\u00dfe e\u0301' }, formatSha256, call);
    expect(opened.secrets.current).toBe(1);
  });

  test('the recovery words open it, however they are typed', async () => {
    const made = makeRecoveryKey(payload, note);
    const keys = await ring(await storeWith(made));
    expect(made.words.split(' ')).toHaveLength(24);
    const recoveryWords = `  ${made.words.toUpperCase().replaceAll(' ', '\n  ')} `;
    const opened = await unlockKeys(keys, { recoveryWords }, formatSha256, call);
    expect(opened.formatSha256).toBe(formatSha256);
  });

  test('recovery words that are mistyped, misplaced or of another repository say so, without repeating them', async () => {
    const made = makeRecoveryKey(payload, note);
    const keys = await ring(await storeWith(made));
    const words = made.words.split(' ');
    const other = wordsOf(Buffer.alloc(32, 9));
    const wrong = [words.slice(1).join(' '), ['zzz', ...words.slice(1)].join(' '), other, ''];
    for (const recoveryWords of wrong) {
      const failure = await unlockKeys(keys, { recoveryWords }, formatSha256, call).catch((thrown: unknown) => thrown);
      expect(failure).toMatchObject({ code: 'RECOVERY_WORDS_WRONG' });
      expect(String(failure)).not.toContain('zzz');
    }
  });

  test('24 words carry every recovery key there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (key) => {
        expect(recoveryKeyOf(wordsOf(key))).toEqual(key);
      }),
      { numRuns: 200 },
    );
  });

  test('a format.json other than the one the keys were made for is noticed', async () => {
    const keys = await ring(await storeWith(await makePassphraseKey({ passphrase: 'x' }, cost, payload, note)));
    await expect(unlockKeys(keys, { passphrase: 'x' }, 'c'.repeat(64), call)).rejects.toMatchObject({
      code: 'REPOSITORY_DAMAGED',
      facts: { object: 'format.json' },
    });
  });

  test('every flipped bit of a key is noticed without its passphrase', async () => {
    const made = await makePassphraseKey({ passphrase: 'x' }, cost, payload, note);
    for (let bit = 0; bit < made.bytes.length * 8; bit += 3) {
      const flipped = Uint8Array.from(made.bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => parseKey(made.id, flipped)).toThrow(expect.objectContaining({ code: 'REPOSITORY_DAMAGED' }));
    }
  });

  test('a damaged passphrase key is named, and the recovery words still open', async () => {
    const made = await makePassphraseKey({ passphrase: 'x' }, cost, payload, note);
    const recovery = makeRecoveryKey(payload, note);
    const store = await storeWith(made, recovery);
    store.objects.set(keyName(made.id), made.bytes.slice(0, 100));
    const keys = await ring(store);
    await expect(unlockKeys(keys, { passphrase: 'x' }, formatSha256, call)).rejects.toMatchObject({
      code: 'REPOSITORY_DAMAGED',
      facts: { object: keyName(made.id) },
    });
    await unlockKeys(keys, { recoveryWords: recovery.words }, formatSha256, call);
  });

  test('no key at all says that the keys are missing', async () => {
    const keys = await ring(await storeWith());
    await expect(unlockKeys(keys, { passphrase: 'x' }, formatSha256, call)).rejects.toMatchObject({
      code: 'REPOSITORY_DAMAGED',
    });
  });

  test('a key left by a creation that was broken off is ignored', async () => {
    const left = await makePassphraseKey({ passphrase: 'x' }, cost, payload, { ...note, repository: 'e'.repeat(32) });
    const keys = await ring(await storeWith(left, await makePassphraseKey({ passphrase: 'y' }, cost, payload, note)));
    expect(keys.keys).toHaveLength(1);
    await expect(unlockKeys(keys, { passphrase: 'x' }, formatSha256, call)).rejects.toMatchObject({
      code: 'PASSPHRASE_WRONG',
    });
  });

  test('a key that asks for gigabytes of memory or hours of work is refused untried', async () => {
    const made = await makePassphraseKey({ passphrase: 'x' }, cost, payload, note);
    const text = Buffer.from(made.bytes).toString('utf8');
    for (const [N, r, p] of [
      [2 ** 21, 8, 1],
      [2 ** 20, 16, 1],
      [16, 17, 1],
      [16, 8, 5],
      [15, 8, 1],
      [0, 8, 1],
    ]) {
      const dear = Buffer.from(text.replace(/"N": 16,\s*"r": 8,\s*"p": 1/, `"N": ${N}, "r": ${r}, "p": ${p}`), 'utf8');
      const id = createHash('sha256').update(dear).digest('hex').slice(0, 32);
      expect(() => parseKey(id, dear)).toThrow(expect.objectContaining({ code: 'REPOSITORY_DAMAGED' }));
    }
  });

  test('10,000 malformed keys all end in a key or a clear error', async () => {
    const made = await makePassphraseKey({ passphrase: 'x' }, cost, payload, note);
    const good: unknown = JSON.parse(Buffer.from(made.bytes).toString('utf8'));
    const refused = survives(mutated(good), (value) => {
      const bytes = Buffer.from(JSON.stringify(value), 'utf8');
      return parseKey(createHash('sha256').update(bytes).digest('hex').slice(0, 32), bytes);
    });
    expect(refused).toBeGreaterThan(5000);
  });
});
