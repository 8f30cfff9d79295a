import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import type { Unlock } from '../../../core/repository/contract.ts';
import { readyName } from '../../../core/repository/keys/generations.ts';
import { openLab, passphrase, protect } from '../lab.ts';
import { sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();
const inline = { workers: 0 };

test('keys can be added until there are 32, and then the repository still opens and its keys are rotated', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store, inline);
  const secrets: Unlock[] = [{ passphrase }, { recoveryWords: lab.words }];
  for (let n = 3; n <= 32; n++) {
    await lab.repository.addPassphrase({ passphrase: `number ${n}` }, `key ${n}`, call);
    secrets.push({ passphrase: `number ${n}` });
  }
  await expect(lab.repository.addPassphrase({ passphrase: 'one more' }, 'one more', call)).rejects.toMatchObject({
    code: 'KEY_TOO_MANY',
  });
  await expect(lab.repository.addRecovery('one more', call)).rejects.toMatchObject({ code: 'KEY_TOO_MANY' });
  expect((await lab.repository.rotateKeys(secrets, call)).generation).toBe(2);
  const opened = await lab.reopen({ passphrase: 'number 32' }, 'other');
  expect(await opened.keys(call)).toHaveLength(32);
}, 60_000);

test('a rotation that would leave more keys than anybody opens is refused before anything is changed', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store, inline);
  const secrets: Unlock[] = [{ passphrase }, { recoveryWords: lab.words }];
  // Nothing can be removed here: so each rotation leaves the keys of the one before.
  store.before = (operation) => {
    if (operation === 'remove') throw new Error('objects can only be added here');
  };
  for (let n = 2; n <= 32; n++) await lab.repository.rotateKeys(secrets, call);
  expect(store.names('keys/')).toHaveLength(64);
  const before = store.digest();
  await expect(lab.repository.rotateKeys(secrets, call)).rejects.toMatchObject({ code: 'KEY_TOO_MANY' });
  expect(store.digest()).toBe(before);
  await lab.reopen({ recoveryWords: lab.words }, 'other');
}, 60_000);

test('a passphrase that is taken away while the keys are rotated does not come back with the new ones', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store, inline);
  const { id } = await lab.repository.addPassphrase({ passphrase: 'stolen' }, 'stolen', call);
  const other = await lab.reopen(undefined, 'other');
  let puts = 0;
  store.before = async (operation, name) => {
    // When the last of the new keys is put.
    if (operation !== 'put' || !name.startsWith('keys/') || ++puts < 3) return;
    store.before = () => {};
    await other.removeKey(id, call);
  };
  const secrets = [{ passphrase }, { recoveryWords: lab.words }, { passphrase: 'stolen' }];
  await expect(lab.repository.rotateKeys(secrets, call)).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
  expect(store.names(readyName(2))).toEqual([]);
  await expect(lab.reopen({ passphrase: 'stolen' }, 'thief')).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
  expect((await lab.repository.rotateKeys(secrets.slice(0, 2), call)).generation).toBe(2);
  expect(store.names('keys/')).toHaveLength(2);
  const { point } = await protect(lab, lab.repository, 'web', { vda: sampleDisk('revoked', 512 * 1024) });
  for (const unlock of secrets.slice(0, 2)) {
    const opened = await lab.reopen(unlock, `after-${'passphrase' in unlock}`);
    expect((await opened.verify(point, call)).damage).toEqual([]);
  }
});

test('whoever takes a key away is told when another of its name is left, and the list says which of them is older', async () => {
  const store = new MemoryStore();
  await using lab = await openLab(store, inline);
  const { id } = await lab.repository.addPassphrase({ passphrase: 'stolen' }, 'stolen', call);
  store.before = (operation) => {
    if (operation === 'remove') throw new Error('killed before the older ones were removed');
  };
  const secrets = [{ passphrase }, { recoveryWords: lab.words }, { passphrase: 'stolen' }];
  await lab.repository.rotateKeys(secrets, call);
  store.before = () => {};
  const named = (await lab.repository.keys(call)).filter(({ label }) => label === 'stolen');
  expect(named.map(({ generation }) => generation)).toEqual([1, 2]);
  const warnings: string[] = [];
  const telling = makeCall({ log: (level, text) => void (level === 'warn' && warnings.push(text)) });
  await lab.repository.removeKey(id, telling);
  expect(warnings.join()).toContain('“stolen”');
  warnings.length = 0;
  await lab.repository.removeKey(named[1]?.id ?? '', telling);
  expect(warnings).toEqual([]);
  await expect(lab.reopen({ passphrase: 'stolen' }, 'thief')).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
});
