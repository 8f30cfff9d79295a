import { randomBytes } from 'node:crypto';
import { isHoldfastError, makeCall } from '@holdfast/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addTarget, Installation, memoryStoreModule, opening, quiet, readAll } from './support/plugin-folder.ts';

let at: Installation;
beforeEach(() => {
  at = new Installation();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

for (const addedPlace of ['in-process', 'worker'] as const) {
  test(`a trusted plugin written in TypeScript stores and gives back objects (${addedPlace})`, async () => {
    addTarget(at, '@acme/target-box', memoryStoreModule);
    const host = await at.host({ addedPlace });
    expect(host.plugins().map((p) => [p.manifest.name, p.state])).toEqual([['@acme/target-box', 'idle']]);
    const store = await host.openObjectStore(opening(), quiet);
    const body = randomBytes(9 * 1024 * 1024);
    expect(await store.put('a/b', body, {}, quiet)).toEqual({ sizeBytes: body.length });
    expect(body.length).toBe(9 * 1024 * 1024);
    expect((await readAll(store.get('a/b', null, quiet))).equals(body)).toBe(true);
    expect((await readAll(store.get('a/b', { offset: 5, length: 3 }, quiet))).equals(body.subarray(5, 8))).toBe(true);
    // A second reading finds it whole: nothing that the store holds was given away.
    expect((await readAll(store.get('a/b', null, quiet))).equals(body)).toBe(true);
    const failure = await readAll(store.get('c', null, quiet)).catch((e: unknown) => e);
    expect(isHoldfastError(failure, 'OBJECT_NOT_FOUND')).toBe(true);
    expect(failure).toMatchObject({ message: 'c is not there', facts: { name: 'c' } });
    expect('locate' in store).toBe(false);
    expect(await host.openObjectStore(opening(), makeCall())).toBe(store);
  });
}
