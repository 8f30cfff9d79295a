import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { makeCall } from '@holdfast/api';
import { describe, expect, test, vi } from 'vitest';
import { copy, MIB, openFamily, openTwoLabs } from '../copy/two-labs.ts';
import { protect } from '../lab.ts';
import { changedDisk, sampleDisk } from '../sample-disks.ts';
import { watchCiphers } from './watched-ciphers.ts';

// All that seals anything takes its cipher from here; without worker threads all of it happens in this one.
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  const { noteCipher } = await import('./watched-ciphers.ts');
  const createCipheriv = (...cipher: Parameters<typeof real.createCipheriv>): unknown => {
    noteCipher(cipher[0], cipher[1], cipher[2]);
    return real.createCipheriv(...cipher);
  };
  return { ...real, createCipheriv };
});

const call = makeCall();
const inline = { workers: 0 };

describe('nonces', () => {
  test('never repeat under one key, over a whole life of two related repositories and a strange one', async () => {
    const { pairs, repeated, failure } = await watchCiphers(async () => {
      await using family = await openFamily(inline);
      await using others = await openTwoLabs(inline);
      const { source, destination } = family;
      const stranger = others.source;
      let disk = sampleDisk('nonces', 4 * MIB);
      const points: string[] = [];
      for (let round = 1; round <= 4; round++) {
        const changed = changedDisk(disk, `round ${round}`, 24);
        disk = changed.disk;
        const base = points.at(-1) ?? null;
        const move = base === null ? {} : { move: { vda: { extents: changed.extents, base } } };
        const other = { vda: sampleDisk(`sibling ${round}`, MIB) };
        const sibling = protect(source, source.repository, `sibling ${round}`, other);
        const { point } = await protect(
          source,
          source.repository,
          'web',
          { vda: disk },
          { takenAt: round * 1000, ...move },
        );
        await sibling;
        points.push(point);
        await copy(source, destination, point);
        await copy(source, stranger, point);
        if (round !== 2) continue;
        await source.repository.rotateKeys(
          [{ passphrase: 'a passphrase of several words' }, { recoveryWords: source.words }],
          call,
        );
      }
      await source.repository.forget(points.slice(0, 3), 'test', call);
      // What is still needed of old packs is sealed anew.
      const collected = await source.repository.collect({ repackBelow: 1 }, call);
      expect(collected.movedBytes).toBeGreaterThan(0);
      await source.repository.saveCatalog(
        { site: 'ab'.repeat(16), schema: 1, bytes: sampleDisk('catalog', MIB) },
        call,
      );
      await source.repository.addPassphrase('second', 'second', call);
      await source.repository.rebuildIndex(call);
    });
    expect(repeated).toBe(0);
    expect(failure).toBeNull();
    expect(pairs).toBeGreaterThan(500);
  });

  test('that repeat are seen by this test', async () => {
    const { pairs, repeated } = await watchCiphers(async () => {
      const key = createSecretKey(randomBytes(32));
      for (const nonce of [1, 2, 1]) createCipheriv('aes-256-gcm', key, Buffer.alloc(12, nonce));
      createCipheriv('aes-256-gcm', key.export(), Buffer.alloc(12, 2));
    });
    expect({ pairs, repeated }).toEqual({ pairs: 2, repeated: 2 });
  });
});
