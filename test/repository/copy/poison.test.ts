import { createCipheriv } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { insideOf } from '../../../core/repository/copy/inside.ts';
import { DerivedKeys } from '../../../core/repository/data/hash/derived-keys.ts';
import {
  CIPHER,
  decodeHeader,
  HEADER_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_OVERHEAD,
  recordNonce,
  TRAILER_BYTES,
} from '../../../core/repository/data/packs/format.ts';
import { openRecord } from '../../../core/repository/data/packs/open-record.ts';
import type { Lab } from '../lab.ts';
import { protect } from '../lab.ts';
import { noise } from '../sample-disks.ts';
import type { MemoryStore } from '../stores.ts';
import { bytesOf, copy, MIB, openFamily, pointsOf } from './two-labs.ts';

const call = makeCall();
const SMALLEST_CHUNK = 16_384;

/** Changes the contents of all data in a repository as only somebody with its keys can: everything authenticates, and no chunk is what its name says. */
function poison({ store, repository }: Lab & { readonly store: MemoryStore }): void {
  const { format, secrets } = insideOf(repository);
  const keys = new DerivedKeys(format.suite, secrets);
  for (const name of store.names('packs/')) {
    const pack = Buffer.from(store.objects.get(name) ?? []);
    const header = decodeHeader(pack);
    const key = header === null ? null : keys.pack(header.generation, header.pack);
    if (key === null) throw new Error(`${name} is no pack`);
    const footerAt = pack.length - TRAILER_BYTES - pack.readUInt32LE(pack.length - TRAILER_BYTES);
    let number = 0;
    for (let at = HEADER_BYTES; at < footerAt; number++) {
      const storedBytes = pack.readUInt32LE(at + 36);
      const record = pack.subarray(at, at + storedBytes + RECORD_OVERHEAD);
      at += record.length;
      const body = openRecord(key, number, record);
      // What is shorter is a part of a map.
      if (body === null || body.length < SMALLEST_CHUNK) continue;
      body[0] = (body[0] ?? 0) ^ 1;
      const cipher = createCipheriv(CIPHER, key, recordNonce(number, record));
      cipher.setAAD(record.subarray(0, RECORD_HEADER_BYTES));
      Buffer.concat([cipher.update(body), cipher.final(), cipher.getAuthTag()]).copy(record, RECORD_HEADER_BYTES);
    }
    pack.writeUInt32LE(crc32(pack.subarray(0, pack.length - 4)), pack.length - 4);
    store.objects.set(name, Uint8Array.from(pack));
  }
}

test('a relative whose chunks are not what their names say brings none of them in, and what is protected here later is whole', async () => {
  await using labs = await openFamily();
  const { source, destination } = labs;
  const disk = noise('poison', MIB);
  const { point } = await protect(source, source.repository, 'web', { vda: disk });
  poison(source);
  expect((await source.repository.check('fast', call)).damage).toEqual([]);
  await expect(copy(source, destination, point)).rejects.toMatchObject({ code: 'REPOSITORY_DAMAGED' });
  expect(await pointsOf(destination)).toEqual([]);
  // The same data, which a poisoned chunk would have passed for.
  const mine = await protect(destination, destination.repository, 'own', { vda: disk });
  expect((await bytesOf(destination, mine.point, 'vda')).equals(disk)).toBe(true);
});
