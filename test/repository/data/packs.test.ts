import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DerivedKeys } from '../../../core/repository/data/hash/derived-keys.ts';
import { openKeyedHash } from '../../../core/repository/data/hash/keyed-hash.ts';
import { ChunkReader } from '../../../core/repository/data/packs/chunk-reader.ts';
import { HEADER_BYTES, METHOD_PLAIN, METHOD_ZSTD } from '../../../core/repository/data/packs/format.ts';
import { PackAccess } from '../../../core/repository/data/packs/pack-access.ts';
import { PackBuilder } from '../../../core/repository/data/packs/pack-builder.ts';
import { readPackList } from '../../../core/repository/data/packs/pack-list.ts';
import { PackScanner, type ScannedPack } from '../../../core/repository/data/packs/scan-pack.ts';
import { openCompressor } from '../../../core/repository/data/zstd/compressor.ts';
import { openDecompressor } from '../../../core/repository/data/zstd/decompressor.ts';
import { noise } from '../sample-disks.ts';
import { secrets, suite } from './plane-lab.ts';

const keys = new DerivedKeys(suite, secrets);
const hash = openKeyedHash('blake3', keys.idKey);
const compress = openCompressor(3, 256 * 1024);
const decompress = openDecompressor();
const packId = '0123456789abcdef0123456789abcdef';

interface MadePack {
  readonly bytes: Buffer;
  readonly chunks: readonly { readonly id: Buffer; readonly plain: Buffer; readonly offset: number }[];
  readonly recordsEnd: number;
}

/** A pack as a writer makes it; what compresses is compressed. */
function makePack(plains: readonly Buffer[], generation = 1): MadePack {
  const key = keys.pack(generation, packId);
  if (key === null) throw new Error('no such generation');
  const memory = new ArrayBuffer(plains.reduce((sum, plain) => sum + plain.length + 200, 1000));
  const header = { generation, run: 3, pack: packId, lease: 'ff'.repeat(16) };
  const builder = new PackBuilder(header, key, memory);
  let at = HEADER_BYTES;
  const chunks = plains.map((plain) => {
    const id = Buffer.from(hash(plain));
    const frame = compress(plain);
    const isSmaller = frame.length < plain.length;
    const offset = at;
    at += builder.add(id, plain.length, isSmaller ? METHOD_ZSTD : METHOD_PLAIN, isSmaller ? frame : plain);
    return { id, plain, offset };
  });
  const { length } = builder.seal();
  return { bytes: Buffer.from(memory.slice(0, length)), chunks, recordsEnd: at };
}

/** Packs that lie in memory. */
function access(bytes: Buffer | null): PackAccess {
  return new PackAccess(keys, {
    locate: async () => (bytes === null ? null : { path: null, sizeBytes: bytes.length }),
    fetch: async (_pack, offset, length) => {
      // A file is not read from before its beginning either.
      if (offset < 0) throw new RangeError(`there is nothing at ${offset}`);
      return bytes?.subarray(offset, offset + length) ?? Buffer.alloc(0);
    },
  });
}

function scan(bytes: Buffer | null, tier: 'fast' | 'full', expected: readonly Uint8Array[] = []): Promise<ScannedPack> {
  const packs = access(bytes);
  const chunks = new ChunkReader(packs, hash, decompress);
  return new PackScanner(packs, chunks).scan(packId, tier === 'full', expected);
}

const hex = (ids: readonly Uint8Array[]): string[] => ids.map((id) => Buffer.from(id).toString('hex')).sort();

const samples = [
  noise('one', 5000),
  Buffer.alloc(20_000, 'text that says the same '),
  noise('three', 100),
  noise('x', 1),
];
const sample = makePack(samples);

const flipped = (bytes: Buffer, at: number, bit: number): Buffer => {
  const damaged = Buffer.from(bytes);
  damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << bit), at);
  return damaged;
};

describe('a pack', () => {
  it('gives back every chunk that was put into it, whatever they are', async () => {
    const chunk = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 3000 }).map((bytes) => Buffer.from(bytes)),
      fc.integer({ min: 1, max: 60_000 }).map((length) => Buffer.alloc(length, 'again ')),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 12 }), async (plains) => {
        const { bytes, chunks, recordsEnd } = makePack(plains);
        const packs = access(bytes);
        using pack = await packs.open(packId);
        if (pack === null) throw new Error('the pack is not there');
        const contents = await readPackList(pack);
        expect(contents).toMatchObject({ footerDamage: null, recordsEnd });
        const reader = new ChunkReader(packs, hash, decompress);
        for (const [record, entry] of contents.entries.entries()) {
          expect(entry.offset).toBe(chunks[record]?.offset);
          const plain = await reader.read(entry.id, [{ ...entry, pack: packId, record }]);
          expect(plain?.equals(chunks[record]?.plain ?? Buffer.alloc(0))).toBe(true);
        }
        expect(await scan(bytes, 'full')).toMatchObject({ problems: [], lost: [], chunks: plains.length });
      }),
      { numRuns: 60 },
    );
  });

  it('does not open with the keys of another repository', async () => {
    const other = new DerivedKeys({ ...suite, repositoryId: 'ee'.repeat(16) }, secrets);
    const packs = new PackAccess(other, {
      locate: async () => ({ path: null, sizeBytes: sample.bytes.length }),
      fetch: async (_pack, offset, length) => sample.bytes.subarray(offset, offset + length),
    });
    const found = await new PackScanner(packs, new ChunkReader(packs, hash, decompress)).scan(packId, false, []);
    expect(found.problems.length).toBeGreaterThan(0);
  });

  it('whose writer mixed up chunks is found out when they are hashed, though every tag is right', async () => {
    const key = keys.pack(1, packId);
    if (key === null) throw new Error('no such generation');
    const memory = new ArrayBuffer(10_000);
    const builder = new PackBuilder({ generation: 1, run: 0, pack: packId, lease: 'ff'.repeat(16) }, key, memory);
    const wrongId = Buffer.from(hash(Buffer.from('something else')));
    builder.add(wrongId, 5, METHOD_PLAIN, Buffer.from('chunk'));
    const { length } = builder.seal();
    const bytes = Buffer.from(memory, 0, length);
    expect((await scan(bytes, 'fast')).problems).toEqual([]);
    expect(hex((await scan(bytes, 'full')).lost)).toEqual(hex([wrongId]));
  });

  it('that was put under the name of another is found out, and named as foreign', async () => {
    const moved = Buffer.from(sample.bytes);
    moved.write('aa'.repeat(16), 16, 'hex');
    const expected = sample.chunks.map(({ id }) => id);
    const packs = access(sample.bytes);
    const found = await new PackScanner(packs, new ChunkReader(packs, hash, decompress)).scan(
      'bb'.repeat(16),
      false,
      expected,
    );
    expect(found.kind).toBe('foreign');
    expect(hex(found.lost)).toEqual(hex(expected));
  });
});

describe('a single flipped bit in a pack', () => {
  const regions = {
    'the header': [0, HEADER_BYTES],
    'the footer': [sample.recordsEnd, sample.bytes.length - 12],
    'the trailer': [sample.bytes.length - 12, sample.bytes.length],
  } as const;

  it.each(Object.entries(regions))('is found wherever it is in %s, and costs no chunk', async (_name, [from, to]) => {
    for (let at = from; at < to; at++) {
      const found = await scan(flipped(sample.bytes, at, at % 8), 'fast');
      expect(found.problems.length, `bit ${at % 8} of byte ${at}`).toBeGreaterThan(0);
      expect(found.lost).toEqual([]);
      expect(found.chunks).toBe(samples.length);
    }
  });

  it('is found wherever it is in a record, and costs that chunk alone', async () => {
    for (const tier of ['fast', 'full'] as const) {
      for (const [number, { id, offset }] of sample.chunks.entries()) {
        const end = sample.chunks[number + 1]?.offset ?? sample.recordsEnd;
        const places = [
          ...Array(44).keys(),
          ...Array.from({ length: 12 }, (_, i) => 44 + ((i * 7919) % (end - offset - 44))),
        ];
        for (const place of places) {
          const found = await scan(flipped(sample.bytes, offset + place, place % 8), tier);
          expect(found.problems.length).toBeGreaterThan(0);
          expect(hex(found.lost), `byte ${place} of record ${number}`).toEqual(hex([id]));
        }
      }
    }
  });

  it('does not keep the other chunks from being read, even when it hits the footer', async () => {
    const packs = access(flipped(sample.bytes, sample.recordsEnd + 3, 1));
    using pack = await packs.open(packId);
    if (pack === null) throw new Error('the pack is not there');
    const { entries, footerDamage } = await readPackList(pack);
    expect(footerDamage).toContain('footer');
    expect(hex(entries.map(({ id }) => id))).toEqual(hex(sample.chunks.map(({ id }) => id)));
  });
});

describe('a pack that is not what it should be', () => {
  it('is named when it is not there or was cut off, at whatever length', async () => {
    const expected = sample.chunks.map(({ id }) => id);
    expect(await scan(null, 'fast', expected)).toMatchObject({ kind: 'missing' });
    for (let length = 0; length < sample.bytes.length; length += 1 + (length % 97)) {
      const found = await scan(sample.bytes.subarray(0, length), 'fast', expected);
      expect(found.problems.length, `cut to ${length}`).toBeGreaterThan(0);
    }
    const longer = Buffer.concat([sample.bytes, Buffer.from('more')]);
    expect((await scan(longer, 'fast')).problems.length).toBeGreaterThan(0);
  });

  it('is named, whatever it is: 10,000 packs changed at random', { timeout: 60_000 }, async () => {
    const small = makePack([noise('a', 300), Buffer.alloc(900, 'b')]);
    const before = process.memoryUsage().rss;
    let unnoticed = 0;
    for (let round = 0; round < 10_000; round++) {
      const dice = randomBytes(16);
      let bytes = Buffer.from(small.bytes);
      const changes = 1 + (dice.readUInt8(0) % 4);
      for (let change = 0; change < changes; change++) {
        const at = dice.readUInt16LE(1 + change * 3) % bytes.length;
        const kind = dice.readUInt8(3 + change * 3) % 4;
        if (kind === 0) bytes.writeUInt8(dice.readUInt8(15), at);
        else if (kind === 1) bytes.fill(0xff, at, Math.min(bytes.length, at + 8));
        else if (kind === 2) bytes = bytes.subarray(0, Math.max(1, at));
        else bytes = Buffer.concat([bytes.subarray(0, at), dice, bytes.subarray(at)]);
      }
      const found = await scan(bytes, round % 2 === 0 ? 'fast' : 'full');
      if (found.problems.length === 0 && !bytes.equals(small.bytes)) unnoticed++;
    }
    expect(unnoticed).toBe(0);
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });
});
