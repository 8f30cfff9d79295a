import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import { documentsOf, temporaryFolder } from '../paper.ts';
import { MemoryStore } from '../stores.ts';

const call = makeCall();

describe('documents and their copies on this machine', () => {
  test('a copy is used only when it has the hash that was committed', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const documents = documentsOf(store, folder.path);
    const old = documents.seal('manifests/a/b', { state: 'old' });
    await documents.put(old, call);
    expect((await documents.get('manifests/a/b', call, old.sha256)).value).toEqual({ state: 'old' });
    const fresh = documents.seal('manifests/a/b', { state: 'new' });
    store.objects.set('manifests/a/b', fresh.sealed);
    // The copy is whole and was sealed for this name, but it is not the one that is asked for.
    expect((await documents.get('manifests/a/b', call, fresh.sha256)).value).toEqual({ state: 'new' });
    await expect(documents.get('manifests/a/b', call, 'a'.repeat(64))).rejects.toMatchObject({
      code: 'REPOSITORY_DAMAGED',
    });
  });

  test('a copy that was damaged, or put there by somebody else, is fetched anew', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const documents = documentsOf(store, folder.path);
    const sealed = documents.seal('manifests/a/b', { good: true });
    await documents.put(sealed, call);
    await documents.get('manifests/a/b', call, sealed.sha256);
    const [file = ''] = await readdir(folder.path);
    await writeFile(join(folder.path, file), 'hello');
    expect((await documents.get('manifests/a/b', call, sealed.sha256)).value).toEqual({ good: true });
    store.objects.clear();
    expect((await documents.get('manifests/a/b', call, sealed.sha256)).value).toEqual({ good: true });
  });

  test('a cache that cannot be written is no failure', async () => {
    await using folder = await temporaryFolder();
    await rm(folder.path, { recursive: true });
    await writeFile(folder.path, 'a file where the folder should be');
    const documents = documentsOf(new MemoryStore(), folder.path);
    const sealed = documents.seal('manifests/a/b', { good: true });
    await documents.put(sealed, call);
    await documents.get('manifests/a/b', call, sealed.sha256);
    expect((await documents.get('manifests/a/b', call, sealed.sha256)).value).toEqual({ good: true });
    await documents.keep('listing', { some: 'thing' });
    expect(await documents.recall('listing')).toBeNull();
  });

  test('an object that is far too long is refused before it is read to its end', async () => {
    await using folder = await temporaryFolder();
    const store = new MemoryStore();
    const documents = documentsOf(store, folder.path);
    const piece = new Uint8Array(8 * 1024 * 1024);
    let pieces = 0;
    store.get = async function* () {
      for (;;) {
        pieces++;
        yield piece;
      }
    };
    await expect(documents.fetch('commits/a', call)).rejects.toMatchObject({ code: 'REPOSITORY_DAMAGED' });
    expect(pieces).toBeLessThan(12);
  });
});
