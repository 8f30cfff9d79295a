import { createCipheriv, createHash, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { makeCall } from '@holdfast/api';
import { describe, expect, test, vi } from 'vitest';
import { sealPart } from '../../../core/repository/catalogs/sealed-part.ts';
import { DerivedKeys } from '../../../core/repository/data/hash/derived-keys.ts';
import { PackBuilder } from '../../../core/repository/data/packs/pack-builder.ts';
import { sealDocument } from '../../../core/repository/documents/sealed-document.ts';
import { sealKey } from '../../../core/repository/keys/key-object.ts';
import { copy, MIB, openFamily, openTwoLabs } from '../copy/two-labs.ts';
import { suite as suiteOfTests } from '../data/plane-lab.ts';
import { protect } from '../lab.ts';
import { changedDisk, sampleDisk } from '../sample-disks.ts';
import { deaf, watchCiphers } from './watched-ciphers.ts';

// All that seals anything takes its cipher from here; without worker threads all of it happens in this one.
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>();
  const { deaf, noteCipher } = await import('./watched-ciphers.ts');
  // While it is deaf, random bytes are all the same.
  const randomBytes = (length: number): Buffer =>
    deaf.get() === 1 ? Buffer.alloc(length, 7) : real.randomBytes(length);
  const createCipheriv = (...cipher: Parameters<typeof real.createCipheriv>): unknown => {
    noteCipher(cipher[0], cipher[1], cipher[2]);
    return real.createCipheriv(...cipher);
  };
  return { ...real, createCipheriv, randomBytes };
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
      await source.repository.addPassphrase({ passphrase: 'second' }, 'second', call);
      await source.repository.rebuildIndex(call);
    });
    expect(repeated).toBe(0);
    expect(failure).toBeNull();
    expect(pairs).toBeGreaterThan(500);
  });

  // A machine that is set back to a snapshot of its memory draws the same names and random bytes once more, and then does something else.
  test('do not repeat where a process goes on twice from the same memory', async () => {
    const secrets = { family: randomBytes(32), generations: { 1: randomBytes(32) }, current: 1 };
    const suite = { ...suiteOfTests, repositoryId: 'ab'.repeat(16) };
    const keys = new DerivedKeys(suite, secrets);
    const pack = 'cd'.repeat(16);
    const { repeated, pairs } = await watchCiphers(async () => {
      for (const timeline of ['first', 'second']) {
        const key = keys.pack(1, pack) as KeyObject;
        const builder = new PackBuilder({ generation: 1, run: 0, pack, lease: pack }, key, new ArrayBuffer(MIB));
        for (let n = 0; n < 8; n++) {
          // What was sealed before the snapshot is the same; what comes after it is not.
          const chunk = n < 4 ? Buffer.alloc(5000, n) : sampleDisk(`${timeline} ${n}`, 5000);
          builder.add(createHash('sha256').update(chunk).digest(), chunk.length, 0, chunk);
        }
        if (timeline === 'first') builder.seal();
        deaf.set(1);
        sealDocument('commits/same', { timeline }, { repositoryId: suite.repositoryId, secrets });
        await sealPart('catalogs/same.0', Buffer.from(timeline), { repositoryId: suite.repositoryId, secrets });
        const wrapping = Buffer.alloc(32, 1);
        const about = { repository: suite.repositoryId, label: '', createdAt: 0, generation: 1 };
        sealKey({ kind: 'recovery', salt: Buffer.alloc(16) }, wrapping, Buffer.from(timeline), about);
        deaf.set(0);
      }
    });
    // The first four are the same in both: the same bytes under the same nonce tell nobody anything.
    expect({ pairs, repeated }).toEqual({ pairs: 4 + 2 * 4 + 1 + 2 * 3, repeated: 4 });
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
