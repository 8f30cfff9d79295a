import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FileSource } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDiskSource } from '../../../core/kit/disk/open.ts';
import type { DiskReader } from '../../../core/kit/disk/reader.ts';

const run = promisify(execFile);
const golden = join(import.meta.dirname, 'golden');
const qemuImg = await run('qemu-img', ['--version']).then(
  () => true,
  () => false,
);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-qcow2-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function sourceOf(path: string, sizeBytes: number, chain: FileSource['chain'] = []): FileSource {
  return { kind: 'file', path, format: 'qcow2', chain, sizeBytes };
}

/** Reads a whole disk in pieces of odd lengths, as well as only where data is said to be: both must give the same. */
async function contents(reader: DiskReader, pieceBytes = 100_003): Promise<Buffer> {
  const whole = Buffer.alloc(reader.sizeBytes, 0xaa);
  for (let at = 0; at < whole.length; at += pieceBytes) await reader.read(whole.subarray(at, at + pieceBytes), at);
  const sparse = Buffer.alloc(reader.sizeBytes);
  let last = 0;
  for (const { offset, length } of await reader.allocated()) {
    expect(offset).toBeGreaterThanOrEqual(last);
    last = offset + length;
    await reader.read(sparse.subarray(offset, last), offset);
  }
  expect(last).toBeLessThanOrEqual(reader.sizeBytes);
  expect(sparse.equals(whole)).toBe(true);
  return whole;
}

const sum = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('qcow2 images made by QEMU', async () => {
  const lines = (await readFile(join(golden, 'sums.txt'), 'utf8')).trim().split('\n');
  const cases = lines.map((line) => line.split(' ') as [string, string, string]);

  test.each(cases)('%s reads as QEMU reads it', async (name, size, expected) => {
    const below = [{ path: join(golden, 'deflate.qcow2'), format: 'qcow2' as const }];
    const chain = name === 'overlay.qcow2' ? below : [];
    const reader = await openDiskSource(sourceOf(join(golden, name), Number(size), chain));
    for (const piece of [100_003, 512, 1 << 20]) expect(sum(await contents(reader, piece))).toBe(expected);
    await reader.close();
  });

  test.skipIf(!qemuImg)(
    'random images of every kind read as `qemu-img convert` reads them (needs qemu-img)',
    async () => {
      const kinds = [
        ['-o', 'cluster_size=512'],
        ['-o', 'cluster_size=65536'],
        ['-o', 'cluster_size=2M'],
        ['-o', 'compat=0.10,cluster_size=4096'],
        ['-o', 'lazy_refcounts=on,refcount_bits=1'],
        ['-o', 'preallocation=metadata'],
        ['-c', '-o', 'cluster_size=4096'],
        ['-c', '-o', 'cluster_size=2M'],
        ['-c', '-o', 'compression_type=zstd'],
        ['-c', '-o', 'compression_type=zstd,cluster_size=512'],
      ];
      for (const [round, options] of kinds.entries()) {
        const raw = randomDisk(round + 1);
        const [from, image] = [join(folder, 'from.raw'), join(folder, 'image.qcow2')];
        await writeFile(from, raw);
        await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', ...options, from, image]);
        const reader = await openDiskSource(sourceOf(image, raw.length));
        expect(sum(await contents(reader)), options.join(' ')).toBe(sum(raw));
        await reader.close();
      }
    },
  );

  test.skipIf(!qemuImg)(
    'a chain of three, the lowest raw and shorter, reads as QEMU reads it (needs qemu-img)',
    async () => {
      const names = ['base.raw', 'middle.qcow2', 'top.qcow2'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      const [base, middle, top] = names;
      await writeFile(base, randomDisk(77).subarray(0, 1_000_960));
      const create = (image: string, backing: string, format: string, cluster: string, size: string) =>
        run('qemu-img', [
          'create',
          '-q',
          '-f',
          'qcow2',
          '-o',
          `cluster_size=${cluster}`,
          '-b',
          backing,
          '-F',
          format,
          image,
          size,
        ]);
      await create(middle, 'base.raw', 'raw', '4k', '3000k');
      await create(top, middle, 'qcow2', '64k', '3500k');
      const io = (image: string, ...commands: string[]) =>
        run('qemu-io', [...commands.flatMap((c) => ['-c', c]), image]);
      await io(middle, 'write -P 1 0 5000', 'write -z 900k 200k', 'write -P 2 2990k 10k');
      await io(top, 'write -P 3 1000k 3k', 'write -z 0 128k', 'write -P 4 3499k 1k', 'discard 1M 1M');
      const flat = join(folder, 'flat.raw');
      await run('qemu-img', ['convert', '-O', 'raw', top, flat]);
      const expected = await readFile(flat);
      const chain = [
        { path: middle, format: 'qcow2' as const },
        { path: base, format: 'raw' as const },
      ];
      const reader = await openDiskSource(sourceOf(top, expected.length, chain));
      expect(sum(await contents(reader))).toBe(sum(expected));
      await reader.close();
    },
  );

  test.skipIf(!qemuImg)('a terabyte with a megabyte in it is listed and read at once (needs qemu-img)', async () => {
    const image = join(folder, 'huge.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', image, '1T']);
    await run('qemu-io', ['-c', 'write -P 5 700G 1M', image]);
    const reader = await openDiskSource(sourceOf(image, 2 ** 40));
    const extents = await reader.allocated();
    expect(extents).toEqual([{ offset: 700 * 2 ** 30, length: 2 ** 20 }]);
    const bytes = new Uint8Array(3);
    await reader.read(bytes, 700 * 2 ** 30 + 2 ** 20 - 2);
    expect([...bytes]).toEqual([5, 5, 0]);
    await reader.close();
  });
});

describe('a qcow2 image is refused, with a code and a remedy,', () => {
  const refusals: readonly [string, number, number | bigint, number, string][] = [
    ['when it is of a version that nobody knows', 4, 7, 4, 'UNSUPPORTED'],
    ['when its clusters are larger than QEMU allows', 20, 40, 4, 'DISK_INVALID'],
    ['when it is encrypted', 32, 2, 4, 'UNSUPPORTED'],
    ['when QEMU has marked it as corrupt', 72, 2n, 8, 'DISK_INVALID'],
    ['when its data is in another file', 72, 4n, 8, 'UNSUPPORTED'],
    ['when it has subclusters', 72, 16n, 8, 'UNSUPPORTED'],
    ['when it needs a feature that nobody knows', 72, 1n << 40n, 8, 'UNSUPPORTED'],
    ['when its size is beyond all reason', 24, 2n ** 63n, 8, 'DISK_INVALID'],
    ['when it has grown since it was listed', 24, 301n * 1024n, 8, 'DISK_CHANGED'],
    ['when its first table is too small', 36, 0, 4, 'DISK_INVALID'],
    ['when its first table lies outside of the file', 40, 1n << 40n, 8, 'DISK_INVALID'],
    ['when its reference counts lie outside of the file', 48, 1n << 40n, 8, 'DISK_INVALID'],
    ['when its header claims to be longer than the file', 100, 0x7fffffff, 4, 'DISK_INVALID'],
    ['when it suddenly has something below it', 8, 0x200n, 8, 'DISK_CHANGED'],
  ];
  test.each(refusals)('%s', async (_when, offset, value, width, code) => {
    const bytes = await readFile(join(golden, 'plain.qcow2'));
    if (width === 8) bytes.writeBigUInt64BE(BigInt(value), offset);
    else bytes.writeUInt32BE(Number(value), offset);
    if (offset === 8) bytes.writeUInt32BE(bytes.write('/etc/passwd', 0x200), 16);
    const path = join(folder, 'refused.qcow2');
    await writeFile(path, bytes);
    await expect(openDiskSource(sourceOf(path, 307_712))).rejects.toMatchObject({ code });
  });

  test('when the chain that was listed is not the one that it names', async () => {
    const path = join(golden, 'overlay.qcow2');
    const other = [{ path: join(golden, 'zstd.qcow2'), format: 'qcow2' as const }];
    await expect(openDiskSource(sourceOf(path, 317_440))).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    await expect(openDiskSource(sourceOf(path, 317_440, other))).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    const loop = [{ path, format: 'qcow2' as const }];
    await expect(openDiskSource(sourceOf(path, 317_440, loop))).rejects.toMatchObject({ code: 'DISK_INVALID' });
  });

  test('when it has been cut short, rather than read as zeros', async () => {
    const bytes = await readFile(join(golden, 'plain.qcow2'));
    const path = join(folder, 'short.qcow2');
    await writeFile(path, bytes.subarray(0, bytes.length - 1500));
    const reader = await openDiskSource(sourceOf(path, 307_712));
    expect(() => reader.read(Buffer.alloc(reader.sizeBytes), 0)).toThrow(
      expect.objectContaining({ code: 'DISK_INVALID' }),
    );
    await reader.close();
  });

  test('when all of its tables are one, so that a small file would seem endless', async () => {
    const clusterBytes = 512;
    const bytes = Buffer.alloc(clusterBytes * 2 + 8 * 2 ** 17);
    bytes.writeUInt32BE(0x514649fb, 0);
    bytes.writeUInt32BE(2, 4);
    bytes.writeUInt32BE(9, 20);
    bytes.writeBigUInt64BE(2n ** 17n * 32768n, 24);
    bytes.writeUInt32BE(2 ** 17, 36);
    bytes.writeBigUInt64BE(1024n, 40);
    bytes.writeBigUInt64BE(512n, 48);
    for (let at = 1024; at < bytes.length; at += 8) bytes.writeBigUInt64BE(512n, at);
    const path = join(folder, 'endless.qcow2');
    await writeFile(path, bytes);
    const reader = await openDiskSource(sourceOf(path, 2 ** 32));
    await expect(reader.allocated()).rejects.toMatchObject({ code: 'DISK_INVALID' });
    await reader.close();
  });

  test('10,000 times when it was damaged at random, in bounded memory and time', async () => {
    const images = await Promise.all(
      (await readdir(golden))
        .filter((name) => name.endsWith('.qcow2') && name !== 'overlay.qcow2')
        .map((name) => readFile(join(golden, name))),
    );
    const handles = await Promise.all(
      images.map(async (image, index) => {
        const path = join(folder, `mutated-${index}.qcow2`);
        await writeFile(path, image);
        return { path, image, fd: openSync(path, 'r+') };
      }),
    );
    let slowestMs = 0;
    let refused = 0;
    const piece = Buffer.alloc(65_536);
    const before = process.memoryUsage().rss;
    const damage = fc.record({
      image: fc.nat(images.length - 1),
      bytes: fc.array(
        fc.record({
          at: fc.oneof({ arbitrary: fc.nat(111), weight: 3 }, { arbitrary: fc.nat(8191), weight: 2 }, fc.nat(40_000)),
          value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)),
        }),
        { minLength: 1, maxLength: 6 },
      ),
      cut: fc.option(fc.nat(30_000), { freq: 20 }),
    });
    const property = fc.asyncProperty(damage, async ({ image: index, bytes, cut }) => {
      const { path, image, fd } = handles[index] ?? handles[0] ?? never();
      const places = bytes.filter(({ at }) => at < image.length);
      for (const { at, value } of places) writeSync(fd, Uint8Array.of(value), 0, 1, at);
      const head = Buffer.alloc(32);
      readSync(fd, head, 0, 32, 0);
      if (cut !== null && cut > 32) ftruncateSync(fd, cut);
      const started = process.cpuUsage();
      try {
        const reader = await openDiskSource(sourceOf(path, Number(head.readBigUInt64BE(24))));
        try {
          await reader.allocated();
          const part = piece.subarray(0, Math.min(piece.length, reader.sizeBytes));
          await reader.read(part, 0);
          await reader.read(part, reader.sizeBytes - part.length);
        } finally {
          await reader.close();
        }
      } catch (thrown) {
        refused += 1;
        if (!isHoldfastError(thrown) || !/^(DISK_|UNSUPPORTED)/.test(thrown.code)) throw thrown;
      } finally {
        if (cut !== null) writeSync(fd, image, 0, image.length, 0);
        for (const { at } of places) writeSync(fd, image, at, 1, at);
      }
      const used = process.cpuUsage(started);
      slowestMs = Math.max(slowestMs, (used.user + used.system) / 1000);
    });
    await fc.assert(property, { numRuns: 10_000 });
    expect(refused).toBeGreaterThan(2_000);
    expect(slowestMs).toBeLessThan(2_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 2 ** 20);
    for (const { fd } of handles) closeSync(fd);
  }, 120_000);
});

/** A disk of an odd number of sectors with zeros, text and noise in runs that begin and end anywhere. */
function randomDisk(seed: number): Buffer {
  let state = seed * 2_654_435_761;
  const next = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
    return state % below;
  };
  const disk = Buffer.alloc((4_000 + next(2_000)) * 512);
  for (let at = next(300_000); at < disk.length; at += 1 + next(400_000)) {
    const end = Math.min(disk.length, at + 1 + next(150_000));
    const noisy = next(2) === 0;
    for (; at < end; at += 1) disk[at] = noisy ? next(256) : 97 + (at % 13);
  }
  return disk;
}

function never(): never {
  throw new RangeError('there is no image to damage');
}
