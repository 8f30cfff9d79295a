import { createHmac } from 'node:crypto';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DerivedKeys } from '../../../core/repository/data/hash/derived-keys.ts';
import { hasNativeBlake3, openKeyedHash } from '../../../core/repository/data/hash/keyed-hash.ts';
import { openCompressor } from '../../../core/repository/data/zstd/compressor.ts';
import { openDecompressor } from '../../../core/repository/data/zstd/decompressor.ts';
import { noise } from '../sample-disks.ts';
import { secrets, suite } from './plane-lab.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('the keyed hash', () => {
  const key = noise('key', 32);

  it('is keyed BLAKE3 as its authors publish it, natively and in JavaScript', () => {
    // From test_vectors.json of the BLAKE3 reference implementation.
    const published = Buffer.from('whats the Elvish word for friend', 'ascii');
    const input = (length: number) => Buffer.from(Array.from({ length }, (_, i) => i % 251));
    const vectors: [number, string][] = [
      [0, '92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26'],
      [1, '6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b'],
      [1024, '75c46f6f3d9eb4f55ecaaee480db732e6c2105546f1e675003687c31719c7ba4'],
    ];
    expect(hasNativeBlake3()).toBe(true);
    for (const portable of [false, true]) {
      const hash = openKeyedHash('blake3', published, portable);
      for (const [length, expected] of vectors) expect(hex(hash(input(length)))).toBe(expected);
    }
  });

  it('is the same natively and in JavaScript, whatever is hashed, one after another', () => {
    const native = openKeyedHash('blake3', key);
    const portable = openKeyedHash('blake3', key, true);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        expect(hex(native(bytes))).toBe(hex(portable(bytes)));
      }),
    );
  });

  it('is HMAC-SHA256 where a repository says so', () => {
    const bytes = noise('bytes', 5000);
    expect(hex(openKeyedHash('sha256', key)(bytes))).toBe(createHmac('sha256', key).update(bytes).digest('hex'));
  });
});

describe('derived keys', () => {
  it('differ by repository, generation and object, but those of a family share ids and cuts', () => {
    const keys = new DerivedKeys(suite, {
      ...secrets,
      generations: { 1: Buffer.alloc(32, 2), 2: Buffer.alloc(32, 3) },
    });
    const other = new DerivedKeys({ ...suite, repositoryId: 'ee'.repeat(16) }, secrets);
    const [a, b] = ['aa'.repeat(16), 'bb'.repeat(16)];
    const all = [keys.pack(1, a), keys.pack(1, b), keys.pack(2, a), keys.index(1, a), other.pack(1, a)];
    expect(new Set(all.map((one) => one?.export().toString('hex'))).size).toBe(5);
    expect(keys.pack(3, a)).toBeNull();
    expect(hex(keys.idKey)).toBe(hex(other.idKey));
    expect(hex(keys.cutKey)).toBe(hex(other.cutKey));
    expect(keys.generations()).toEqual([2, 1]);
  });
});

/** Text whose length shows how hard it was tried to compress it. */
const text = Buffer.from(
  Array.from({ length: 12_000 }, (_, i) => `${(i * 7919) % 1009} said ${(i * i) % 613}; `).join(''),
).subarray(0, 200_000);

describe('compression', () => {
  it('makes standard frames of the level that was asked for, one after another', () => {
    const lengths = [1, 3, 9].map((level) => {
      const compress = openCompressor(level, 262_144);
      const plainly = openCompressor(level, 262_144, true);
      for (let turn = 0; turn < 3; turn++) {
        expect(zstdDecompressSync(compress(text)).equals(text)).toBe(true);
        expect(zstdDecompressSync(compress(noise('x', 100))).equals(noise('x', 100))).toBe(true);
      }
      expect(compress(text).length).toBe(plainly(text).length);
      return compress(text).length;
    });
    expect(new Set(lengths).size).toBe(3);
  });

  it('takes longer chunks than it was made for', () => {
    const compress = openCompressor(1, 4096);
    for (const length of [100, 200_000, 4096, 4097, 50]) {
      const plain = text.subarray(0, length);
      expect(zstdDecompressSync(compress(plain)).equals(plain)).toBe(true);
    }
  });
});

describe.each([
  ['the way that costs least', false],
  ['documented functions alone', true],
])('decompression in %s', (_how, documented) => {
  const decompress = openDecompressor(documented);
  const into = (frame: Uint8Array, length: number): Buffer | null => {
    // Bytes behind the chunk must stay as they are.
    const memory = Buffer.alloc(length + 64, 0xee);
    const isWhole = decompress(frame, memory.subarray(0, length));
    expect(memory.subarray(length).equals(Buffer.alloc(64, 0xee))).toBe(true);
    return isWhole ? memory.subarray(0, length) : null;
  };

  it('gives back what was compressed, and nothing that is longer or shorter than announced', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 3000 }), (bytes) => {
        const frame = zstdCompressSync(bytes);
        expect(into(frame, bytes.length)?.equals(bytes)).toBe(true);
        expect(into(frame, bytes.length + 1)).toBeNull();
        if (bytes.length > 1) expect(into(frame, bytes.length - 1)).toBeNull();
      }),
    );
  });

  it('opens the next frame whole after one that was cut anywhere, its checksum included', () => {
    const plain = text.subarray(0, 3000);
    const whole = zstdCompressSync(plain);
    const summed = zstdCompressSync(plain, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
    for (const frame of [whole, summed, zstdCompressSync(noise('n', 3000))]) {
      for (let length = 0; length < frame.length; length++) {
        into(frame.subarray(0, length), plain.length);
        expect(into(whole, plain.length)?.equals(plain)).toBe(true);
      }
    }
  });

  it('of a bomb stops at the announced length', () => {
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 * 1024));
    expect(into(bomb, 1000)).toBeNull();
  });

  it('goes on after frames that are broken: 2,000 changed at random', () => {
    const plain = text.subarray(0, 3000);
    const frame = zstdCompressSync(plain);
    for (let round = 0; round < 2000; round++) {
      const broken = Buffer.from(frame);
      const at = (round * 7919) % broken.length;
      broken.writeUInt8(broken.readUInt8(at) ^ (1 << (round % 8)), at);
      into(round % 3 === 0 ? broken.subarray(0, at) : broken, plain.length);
      if (round % 50 === 0) expect(into(frame, plain.length)?.equals(plain)).toBe(true);
    }
  });
});
