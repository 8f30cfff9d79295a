import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { folders } from '../../core/config/folders.ts';
import { openSecrets, type SecretsOptions } from '../../core/config/secrets/open-secrets.ts';
import { seal, unseal } from '../../core/config/secrets/sealed-format.ts';
import { makeSite, type Site } from './site.ts';

const never = new AbortController().signal;
/** Quick to test with; what is real takes half a second. */
const cost = { N: 1024, r: 8, p: 1 };

describe('the sealed store', () => {
  test('keeps secrets under names, behind one passphrase', async () => {
    await using site = await makeSite();
    const store = await open(site, 'open sesame').sealed();
    await store.set('disk-main', 'first');
    await store.set('s3-fra', 'second\nline ✓');
    await store.set('disk-main', 'changed');
    const later = open(site, 'open sesame');
    expect(await (await later.sealed()).list()).toEqual(['disk-main', 's3-fra']);
    expect(await later.resolve('sealed:disk-main', never)).toBe('changed');
    expect(await later.resolve('sealed:s3-fra', never)).toBe('second\nline ✓');
    expect(await (await later.sealed()).remove('disk-main')).toBe(true);
    expect(await (await later.sealed()).remove('disk-main')).toBe(false);
    await expect(later.resolve('sealed:disk-main', never)).rejects.toMatchObject({
      code: 'SECRET_UNAVAILABLE',
      message: expect.stringContaining('nothing is sealed under this name'),
    });
  });

  test('is a file for its owner only, without the secrets, their names or the passphrase in it', async () => {
    await using site = await makeSite();
    const store = await open(site, 'canary-passphrase').sealed();
    await store.set('canary-name', 'canary-value');
    expect((await stat(store.file)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(store.file))).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(store.file))).toEqual(['sealed-secrets.json']);
    const text = await readFile(store.file, 'utf8');
    expect(text).not.toContain('canary');
    expect(Buffer.from(String(JSON.parse(text).sealed), 'base64').toString('latin1')).not.toContain('canary');
    await chmod(store.file, 0o640);
    await expect(open(site, 'x').resolve('sealed:a', never)).rejects.toMatchObject({
      remedy: `\`chmod 600 ${store.file}\``,
    });
  });

  test('a wrong passphrase says so, is not kept, and the next one is asked for', async () => {
    await using site = await makeSite();
    await (await open(site, 'right').sealed()).set('a', 'value');
    const answers = ['wrong', 'right'];
    const secrets = openSecrets({ ...base(site), ask: async () => answers.shift() ?? '' });
    await expect(secrets.resolve('sealed:a', never)).rejects.toMatchObject({
      message: 'the sealed store does not open with this passphrase',
    });
    expect(await secrets.resolve('sealed:a', never)).toBe('value');
    expect(await secrets.resolve('sealed:a', never)).toBe('value');
    expect(answers).toEqual([]);
  });

  test('a new store asks for its passphrase twice and refuses two different ones', async () => {
    await using site = await makeSite();
    const questions: string[] = [];
    const answers = ['one', 'another', 'same', 'same', ''];
    const ask = async (question: string) => {
      questions.push(question);
      return answers.shift() ?? '';
    };
    const store = await openSecrets({ ...base(site), ask }).sealed();
    await expect(store.set('a', 'value')).rejects.toMatchObject({ message: 'the two passphrases differ' });
    await store.set('a', 'value');
    await store.set('b', 'value');
    expect(questions).toHaveLength(4);
    await expect(openSecrets({ ...base(site), ask }).resolve('sealed:a', never)).rejects.toMatchObject({
      message: 'the passphrase of the sealed store is empty',
    });
  });

  test('its passphrase comes from a variable or a reference, and without either and nobody to ask it says so', async () => {
    await using site = await makeSite();
    await (await open(site, 'right').sealed()).set('a', 'value');
    const key = await site.write('key', 'right\n');
    const from = { ...base(site), env: { HOLDFAST_SEAL_PASSPHRASE_FROM: `file:${key}` } };
    expect(await openSecrets(from).resolve('sealed:a', never)).toBe('value');
    expect(await openSecrets({ ...base(site), sealPassphrase: `file:${key}` }).resolve('sealed:a', never)).toBe(
      'value',
    );
    const itself = { ...base(site), sealPassphrase: 'sealed:a' };
    await expect(openSecrets(itself).resolve('sealed:a', never)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
    await expect(openSecrets(base(site)).resolve('sealed:a', never)).rejects.toMatchObject({
      remedy: expect.stringContaining('HOLDFAST_SEAL_PASSPHRASE'),
    });
  });

  test('names and values that a store cannot hold are refused', async () => {
    await using site = await makeSite();
    const store = await open(site, 'p').sealed();
    for (const name of ['', 'A', '../a', 'a b', 'a'.repeat(64)]) {
      await expect(store.set(name, 'x')).rejects.toMatchObject({ code: 'NAME_INVALID' });
    }
    for (const value of ['', 'x'.repeat(64 * 1024 + 1)]) {
      await expect(store.set('a', value)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
    }
    await expect(stat(store.file)).rejects.toThrow();
  });

  test('of two that seal at the same time neither loses its secret', async () => {
    await using site = await makeSite();
    const stores = await Promise.all(Array.from({ length: 4 }, () => open(site, 'p').sealed()));
    await Promise.all(stores.map((store, number) => store.set(`secret-${number}`, String(number))));
    expect(await (await open(site, 'p').sealed()).list()).toEqual(['secret-0', 'secret-1', 'secret-2', 'secret-3']);
  });

  test('the lock of a process that was killed is no hindrance', async () => {
    await using site = await makeSite();
    const store = await open(site, 'p').sealed();
    await store.set('a', '1');
    await writeFile(`${store.file}.hold`, '');
    await store.set('b', '2');
    expect(await readdir(dirname(store.file))).toEqual(['sealed-secrets.json']);
  });

  test('any change of any byte is found', async () => {
    const text = await seal(new Map([['a', 'value']]), 'right', cost);
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 1, max: 127 }), async (at, flip) => {
        const byte = text.charCodeAt(at) ^ flip;
        const changed = text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1);
        const opened = await unseal(changed, 'right').catch((error: unknown) => error);
        if (opened instanceof Map) expect([...opened]).toEqual([['a', 'value']]);
        else expect(opened).toMatchObject({ code: 'SECRET_UNAVAILABLE' });
      }),
      { numRuns: 500 },
    );
  });

  test('any secrets come back as they were', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.string({ unit: 'grapheme' })),
        fc.string(),
        async (secrets, passphrase) => {
          const map = new Map(Object.entries(secrets));
          expect(await unseal(await seal(map, passphrase, cost), passphrase)).toEqual(map);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('the same passphrase typed in another Unicode form opens it', async () => {
    const text = await seal(new Map([['a', 'b']]), 'caf\u00e9', cost);
    expect(await unseal(text, 'cafe\u0301')).toEqual(new Map([['a', 'b']]));
  });

  test('a file that asks for endless work, or is of a newer version, is refused at once', async () => {
    const good = JSON.parse(await seal(new Map(), 'p', cost));
    const bad = [
      { ...good, version: 2 },
      { ...good, kdf: { ...good.kdf, N: 2 ** 30 } },
      { ...good, kdf: { ...good.kdf, N: 1000 } },
      { ...good, kdf: { ...good.kdf, N: 2 ** 20, r: 16 } },
      { ...good, kdf: { ...good.kdf, p: 1000 } },
      { ...good, kdf: { ...good.kdf, name: 'argon2' } },
      { ...good, nonce: '00' },
      { ...good, sealed: '' },
      [],
      null,
    ];
    for (const file of bad) {
      await expect(unseal(JSON.stringify(file), 'p')).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
    }
  });

  test('two writings of the same secrets share neither salt nor nonce', async () => {
    await using site = await makeSite();
    const store = await open(site, 'p').sealed();
    const seen = new Set<string>();
    for (let round = 0; round < 5; round++) {
      await store.set('a', 'same');
      const file = JSON.parse(await readFile(store.file, 'utf8'));
      seen.add(file.kdf.salt).add(file.nonce);
    }
    expect(seen.size).toBe(10);
  });

  test('the example of the format page opens by the page’s own rules', async () => {
    const page = await readFile(new URL('../../docs/formats/sealed-secrets.md', import.meta.url), 'utf8');
    const example = /```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    const { createDecipheriv, scryptSync } = await import('node:crypto');
    const file = JSON.parse(example);
    const { N, r, p, salt } = file.kdf;
    const derived = scryptSync('correct horse', Buffer.from(salt, 'hex'), 48, { N, r, p, maxmem: 2 ** 28 });
    expect(derived.subarray(32).toString('hex')).toBe(file.check);
    const sealed = Buffer.from(file.sealed, 'base64');
    const gcm = createDecipheriv('aes-256-gcm', derived.subarray(0, 32), Buffer.from(file.nonce, 'hex'));
    gcm.setAAD(Buffer.from('holdfast/sealed-secrets/1'));
    gcm.setAuthTag(sealed.subarray(-16));
    const payload = Buffer.concat([gcm.update(sealed.subarray(0, -16)), gcm.final()]).toString();
    expect(JSON.parse(payload)).toEqual({ secrets: [['disk-main', 'battery staple']] });
    expect(await unseal(example, 'correct horse')).toEqual(new Map([['disk-main', 'battery staple']]));
  });
});

function base(site: Site): SecretsOptions {
  return { env: {}, folders: folders({ HOME: site.home }), sealCost: cost };
}

function open(site: Site, passphrase: string) {
  return openSecrets({ ...base(site), env: { HOLDFAST_SEAL_PASSPHRASE: passphrase } });
}
