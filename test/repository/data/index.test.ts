import { randomBytes } from 'node:crypto';
import { closeSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DerivedKeys } from '../../../core/repository/data/hash/derived-keys.ts';
import { openKeyedHash } from '../../../core/repository/data/hash/keyed-hash.ts';
import { CacheFile, loadCacheFile, PACK_GONE, PACK_LIVE } from '../../../core/repository/data/index/cache-file.ts';
import { fileSource, listSource } from '../../../core/repository/data/index/cache-source.ts';
import { writeCacheFile } from '../../../core/repository/data/index/cache-writer.ts';
import { IndexView } from '../../../core/repository/data/index/index-view.ts';
import { chooseMerge } from '../../../core/repository/data/index/merge-choice.ts';
import { decodeRun, encodeRun, type PackList } from '../../../core/repository/data/index/run-object.ts';
import { totalsOf } from '../../../core/repository/data/index/totals.ts';
import { secrets, suite } from './plane-lab.ts';

const keys = new DerivedKeys(suite, secrets);
const hash = openKeyedHash('blake3', keys.idKey);
let folder = '';
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-index-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Entry {
  readonly id: Buffer;
  readonly plainBytes: number;
  readonly storedBytes: number;
  readonly method: number;
}

/** The list that the footer of a pack with these chunks has. */
function listOf(pack: string, entries: readonly Entry[]): PackList {
  const list = Buffer.alloc(entries.length * 48);
  let offset = 48;
  entries.forEach(({ id, plainBytes, storedBytes, method }, i) => {
    id.copy(list, i * 48);
    list.writeUInt32LE(offset, i * 48 + 32);
    list.writeUInt32LE(plainBytes, i * 48 + 36);
    list.writeUInt32LE(storedBytes, i * 48 + 40);
    list.writeUInt32LE(method, i * 48 + 44);
    offset += storedBytes + 60;
  });
  return { pack, list };
}

/** Packs of random chunks, some of which lie in several packs, with ids that often begin alike. */
const packLists = fc
  .array(
    fc.record({
      pack: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
      chunks: fc.array(
        fc.record({
          seed: fc.integer({ min: 0, max: 60 }),
          plainBytes: fc.integer({ min: 1, max: 262_144 }),
          isPlain: fc.boolean(),
        }),
        { maxLength: 40 },
      ),
    }),
    { maxLength: 6 },
  )
  .map((packs) =>
    [...new Map(packs.map((pack) => [pack.pack, pack])).values()].map(({ pack, chunks }) =>
      listOf(
        pack,
        chunks.map(({ seed, plainBytes, isPlain }) => ({
          id: Buffer.concat([Buffer.from([7, 7, seed % 3]), Buffer.from(hash(Buffer.from([seed]))).subarray(3)]),
          plainBytes,
          storedBytes: isPlain ? plainBytes : Math.max(1, plainBytes >> 1),
          method: isPlain ? 0 : 1,
        })),
      ),
    ),
  );

const sorted = (lists: readonly PackList[]): PackList[] => lists.toSorted((a, b) => (a.pack < b.pack ? -1 : 1));

function makeFile(lists: readonly PackList[], ...older: CacheFile[]): CacheFile {
  const path = join(folder, `${files++}.run`);
  const sources = [...older.map(fileSource), listSource(lists)];
  expect(writeCacheFile(path, suite.repositoryId, sources, () => true)).toBeGreaterThanOrEqual(0);
  return openFile(path);
}

function openFile(path: string): CacheFile {
  const shared = loadCacheFile(path, suite.repositoryId);
  if (shared === null) throw new Error('the cache file is not whole');
  const file = new CacheFile(shared);
  new Uint8Array(shared.states).fill(PACK_LIVE);
  return file;
}

const wordsOf = (id: Buffer): Int32Array => new Int32Array(Uint8Array.from(id).buffer);

describe('an index run', () => {
  it('comes back as it was, and is the same whatever the order of its packs', () => {
    fc.assert(
      fc.property(packLists, (lists) => {
        const object = encodeRun(lists, 1, keys, hash);
        expect(encodeRun(lists.toReversed(), 1, keys, hash)).toEqual(object);
        expect(decodeRun(object.run, object.bytes, keys, hash)).toEqual(sorted(lists));
      }),
      { numRuns: 60 },
    );
  });

  it('is refused with a reason when a single bit of it is flipped, or when it has another name', () => {
    const { run, bytes } = encodeRun([listOf('ab'.repeat(16), [])], 1, keys, hash);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (at % 8)), at);
      const answer = decodeRun(run, damaged, keys, hash);
      // Flags and reserved bytes are authenticated too.
      expect(answer, `byte ${at}`).toBeTypeOf('string');
    }
    expect(decodeRun('00'.repeat(16), bytes, keys, hash)).toBeTypeOf('string');
  });

  it('is refused with a reason, whatever it is: 10,000 objects changed at random', () => {
    const id = (n: number) => Buffer.from(hash(Buffer.from([n])));
    const entries = [1, 2, 3].map((n) => ({ id: id(n), plainBytes: 100, storedBytes: 100, method: 0 }));
    const { run, bytes } = encodeRun([listOf('cd'.repeat(16), entries)], 1, keys, hash);
    for (let round = 0; round < 10_000; round++) {
      const dice = randomBytes(8);
      const at = dice.readUInt16LE(0) % bytes.length;
      const cut = dice.readUInt8(2) % 3;
      const damaged =
        cut === 0
          ? bytes.subarray(0, at)
          : cut === 1
            ? Buffer.concat([bytes.subarray(0, at), dice, bytes.subarray(at)])
            : Buffer.concat([bytes.subarray(0, at), dice, bytes.subarray(at + 8)]);
      const answer = decodeRun(run, damaged, keys, hash);
      if (!damaged.equals(bytes)) expect(answer).toBeTypeOf('string');
    }
  });
});

describe('the index cache', () => {
  it('finds every chunk everywhere it lies, and nothing else', () => {
    fc.assert(
      fc.property(packLists, (lists) => {
        const file = makeFile(lists);
        const view = new IndexView({ version: 1, files: [file.shared] });
        for (const { pack, list } of lists) {
          for (let record = 0; record * 48 < list.length; record++) {
            const at = record * 48;
            const hits = view.all(list.subarray(at, at + 32)).filter((hit) => hit.pack === pack);
            expect(hits).toContainEqual({
              pack,
              packNumber: file.packNumber(pack),
              isLive: true,
              record,
              offset: list.readUInt32LE(at + 32),
              plainBytes: list.readUInt32LE(at + 36),
              storedBytes: list.readUInt32LE(at + 40),
              method: list.readUInt32LE(at + 44),
            });
          }
        }
        expect(view.all(randomBytes(32))).toEqual([]);
        closeSync(file.shared.fd);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same after a merge as if it had been made at once', () => {
    fc.assert(
      fc.property(packLists, packLists, (one, two) => {
        const first = makeFile(one);
        const merged = makeFile(two, first);
        const known = new Set(one.map(({ pack }) => pack));
        const atOnce = makeFile([...one, ...two.filter(({ pack }) => !known.has(pack))]);
        expect(merged.packs()).toEqual(atOnce.packs());
        expect(totalsOf([merged.shared])).toEqual(totalsOf([atOnce.shared]));
        for (let bucket = 0; bucket < 256; bucket++) {
          expect(Buffer.from(merged.bucket(bucket) ?? [])).toEqual(Buffer.from(atOnce.bucket(bucket) ?? []));
        }
        for (let pack = 0; pack < merged.layout.packs; pack++) {
          expect(Buffer.from(merged.packIds(pack) ?? [])).toEqual(Buffer.from(atOnce.packIds(pack) ?? []));
        }
        for (const file of [first, merged, atOnce]) closeSync(file.shared.fd);
      }),
      { numRuns: 40 },
    );
  });

  it('knows nothing of packs that the store no longer lists', () => {
    const id = randomBytes(32);
    const entry = { id, plainBytes: 10, storedBytes: 10, method: 0 };
    const file = makeFile([listOf('11'.repeat(16), [entry]), listOf('22'.repeat(16), [entry])]);
    new Uint8Array(file.shared.states)[0] = PACK_GONE;
    expect(file.find(id, wordsOf(id), false)?.map(({ pack }) => pack)).toEqual(['22'.repeat(16)]);
    closeSync(file.shared.fd);
  });

  it('never answers wrongly when it is damaged: what it cannot vouch for it does not know', () => {
    const entries = Array.from({ length: 300 }, (_, i) => {
      return { id: Buffer.from(hash(Buffer.from([i, i >> 8]))), plainBytes: 10 + i, storedBytes: 10 + i, method: 0 };
    });
    const whole = makeFile([listOf('33'.repeat(16), entries)]);
    const path = join(folder, `${files - 1}.run`);
    const bytes = readFileSync(path);
    let refused = 0;
    for (let round = 0; round < 150; round++) {
      const damaged = Buffer.from(bytes);
      const at = (round * 7919 * 31) % bytes.length;
      damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (round % 8)), at);
      const broken = join(folder, 'broken.run');
      writeFileSync(broken, damaged);
      const shared = loadCacheFile(broken, suite.repositoryId);
      if (shared === null) {
        refused++;
        continue;
      }
      const file = new CacheFile(shared);
      new Uint8Array(shared.states).fill(PACK_LIVE);
      let unknown = 0;
      for (const { id, plainBytes } of entries) {
        const hits = file.find(id, wordsOf(id), false);
        if (hits === null) unknown++;
        else expect(hits.map((hit) => hit.plainBytes)).toEqual([plainBytes]);
      }
      if (unknown > 0 || file.packIds(0) === null) refused++;
      closeSync(shared.fd);
    }
    expect(refused).toBe(150);
    expect(loadCacheFile(path, 'ee'.repeat(16))).toBeNull();
    closeSync(whole.shared.fd);
  });
});

describe('merging cache files', () => {
  const describeSize = (records: number) => ({ records, isMostlyGone: false });

  it('copies each record only a few times, however many runs are added, and keeps the files few', () => {
    let sizes: number[] = [];
    let copied = 0;
    for (let run = 0; run < 2000; run++) {
      sizes.push(100);
      const chosen = chooseMerge(
        sizes.map((size, at) => ({ size, at })),
        ({ size }) => describeSize(size),
      );
      if (chosen.length === 0) continue;
      const at = new Set(chosen.map((file) => file.at));
      const merged = chosen.reduce((sum, { size }) => sum + size, 0);
      copied += merged;
      sizes = [...sizes.filter((_, i) => !at.has(i)), merged];
      expect(sizes.length).toBeLessThanOrEqual(16);
    }
    expect(copied / (2000 * 100)).toBeLessThan(6);
  });

  it('leaves what is large alone when small runs are added to it, and never makes a file that is too large to merge in memory', () => {
    let sizes = Array.from({ length: 14 }, () => 8_000_000);
    let copied = 0;
    for (let run = 0; run < 500; run++) {
      sizes.push(183_000);
      const chosen = chooseMerge(
        sizes.map((size, at) => ({ size, at })),
        ({ size }) => describeSize(size),
      );
      const at = new Set(chosen.map((file) => file.at));
      const merged = chosen.reduce((sum, { size }) => sum + size, 0);
      copied += merged;
      sizes = [...sizes.filter((_, i) => !at.has(i)), ...(merged > 0 ? [merged] : [])];
      expect(merged).toBeLessThanOrEqual(2 ** 25);
    }
    expect(copied / (500 * 183_000)).toBeLessThan(6);
  });
});
