import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, open, readFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileSource } from '@holdfast/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ExtentList, unionOf } from '../../../core/kit/disk/extents.ts';
import { findData, finders } from '../../../core/kit/disk/holes.ts';
import { ImageFile } from '../../../core/kit/disk/image-file.ts';
import { openDiskSink, openDiskSource } from '../../../core/kit/disk/open.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-raw-'));
  path = join(folder, 'disk.raw');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const source = (sizeBytes: number, more: Partial<FileSource> = {}): FileSource => ({
  kind: 'file',
  path,
  format: 'raw',
  chain: [],
  sizeBytes,
  ...more,
});

describe('a raw image', () => {
  test('reads as it is, at any offset and length', async () => {
    const bytes = Buffer.from(Array.from({ length: 70_001 }, (_, index) => (index * 7) % 251));
    await writeFile(path, bytes);
    const reader = await openDiskSource(source(bytes.length));
    for (const [offset, length] of [
      [0, 70_001],
      [69_999, 2],
      [123, 4097],
      [70_001, 0],
    ] as const) {
      const into = Buffer.alloc(length);
      await reader.read(into, offset);
      expect(into.equals(bytes.subarray(offset, offset + length))).toBe(true);
    }
    expect(await reader.allocated()).toEqual([{ offset: 0, length: 70_001 }]);
    expect(() => reader.read(Buffer.alloc(2), 70_000)).toThrow(RangeError);
    await reader.close();
    await reader.close();
  });

  test.each([
    ['grew', () => appendFile(path, 'x')],
    ['shrank', () => truncate(path, 10)],
    ['was written', () => utimes(path, 1, 1)],
    [
      'was replaced',
      async () => {
        await writeFile(join(folder, 'other'), Buffer.alloc(1000, 2));
        await rename(join(folder, 'other'), path);
      },
    ],
  ])('that %s while it was read is never read as if nothing had happened', async (_what, change) => {
    await writeFile(path, Buffer.alloc(1000, 1));
    const reader = await openDiskSource(source(1000));
    await reader.read(Buffer.alloc(10), 0);
    await change();
    expect(() => reader.read(Buffer.alloc(10), 500)).toThrow(expect.objectContaining({ code: 'DISK_CHANGED' }));
    await reader.close();
  });

  test('that was deleted while it was read cannot be read on', async () => {
    await writeFile(path, Buffer.alloc(1000, 1));
    const reader = await openDiskSource(source(1000));
    await rm(path);
    expect(() => reader.read(Buffer.alloc(10), 0)).toThrow(expect.objectContaining({ code: 'DISK_UNREADABLE' }));
    await reader.close();
    await expect(openDiskSource(source(1000))).rejects.toMatchObject({ code: 'DISK_UNREADABLE' });
  });

  test('of another size or identity than the one that was listed is refused', async () => {
    await writeFile(path, Buffer.alloc(1000, 1));
    await expect(openDiskSource(source(999))).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    await expect(openDiskSource(source(1000, { stamp: '1:2:3:4' }))).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    const chain = [{ path: join(folder, 'x'), format: 'raw' as const }];
    await expect(openDiskSource(source(1000, { chain }))).rejects.toMatchObject({ code: 'DISK_INVALID' });
    await expect(openDiskSource(source(1000, { format: 'vmdk' }))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });

  test('that is a folder, or a pipe nobody writes to, is refused at once', async () => {
    await expect(openDiskSource(source(0, { path: folder }))).rejects.toMatchObject({ code: 'DISK_UNREADABLE' });
    execFileSync('mkfifo', [path]);
    await expect(openDiskSource(source(0))).rejects.toMatchObject({ code: 'DISK_UNREADABLE' });
  });

  test('of 100 GB with a few megabytes in it names only those', async () => {
    const sizeBytes = 100e9;
    const handle = await open(path, 'w');
    await handle.truncate(sizeBytes);
    const places = [0, 5e9 + 12_288, 60e9, sizeBytes - 1_000_000];
    for (const place of places) await handle.write(Buffer.alloc(1_000_000, 7), 0, 1_000_000, place);
    await handle.close();
    const reader = await openDiskSource(source(sizeBytes));
    const extents = await reader.allocated();
    const total = extents.reduce((sum, extent) => sum + extent.length, 0);
    for (const place of places) {
      expect(extents.some(({ offset, length }) => offset <= place && place + 1_000_000 <= offset + length)).toBe(true);
    }
    // Where neither perl nor filefrag is installed, or the file system cannot tell, all of it is named, and that is right too.
    expect(total === sizeBytes || total < 10e6).toBe(true);
    await reader.close();
  });
});

describe('where a sparse file has data', async () => {
  const installed = finders
    .filter(({ program }) => existsSync(program))
    .map((finder) => [finder.program, finder] as const);
  const parse = finders[0]?.parse ?? (() => null);
  const sizeBytes = 64 * 2 ** 20;
  const data = [
    { offset: 2 ** 20, length: 2 ** 20 },
    { offset: 40 * 2 ** 20, length: 65_536 },
  ];
  const whole = [{ offset: 0, length: sizeBytes }];

  async function sparseFile(): Promise<ImageFile> {
    await using handle = await open(path, 'w');
    await handle.truncate(sizeBytes);
    for (const { offset, length } of data) await handle.write(Buffer.alloc(length, 1), 0, length, offset);
    return ImageFile.open(path);
  }

  test.each(installed)('%s tells it, or all of the file is taken', async (_program, finder) => {
    const file = await sparseFile();
    expect([data, whole]).toContainEqual(await findData(file, [finder]));
    file.close();
  });

  test.each([
    ['lies', '/bin/echo', ['41943040 65536']],
    ['goes backwards', '/bin/echo', ['4096 4096\n0 4096']],
    ['fails', '/bin/false', []],
    ['is killed', '/bin/sh', ['-c', 'echo 0 4096; kill -9 $$']],
    ['is missing', '/nonexistent/program', []],
  ])('a program that %s is not believed', async (_what, program, args) => {
    const file = await sparseFile();
    expect(await findData(file, [{ program, args, parse }])).toEqual(whole);
    file.close();
  });

  test('nobody is asked for a small file or a full one', async () => {
    await writeFile(path, Buffer.alloc(17 * 2 ** 20, 1));
    const file = ImageFile.open(path);
    const never = { program: '/bin/sh', args: ['-c', 'echo 0 4096'], parse };
    expect(await findData(file, [never])).toEqual([{ offset: 0, length: 17 * 2 ** 20 }]);
    file.close();
  });
});

describe('a raw image that is restored', () => {
  test('is written at any offset, and keeps zeros elsewhere', async () => {
    await writeFile(path, Buffer.alloc(10_000));
    const writer = await openDiskSink({ kind: 'file', path, format: 'raw', sizeBytes: 10_000 });
    await writer.write(Buffer.from('end'), 9_997);
    await writer.write(Buffer.from('start'), 0);
    await writer.sync();
    await writer.close();
    const expected = Buffer.alloc(10_000);
    expected.write('start', 0);
    expected.write('end', 9_997);
    expect((await readFile(path)).equals(expected)).toBe(true);
    expect(() => writer.write(Buffer.alloc(2), 9_999)).toThrow(RangeError);
  });

  test('is never made, only filled: what is missing or of another size is refused', async () => {
    const sink = { kind: 'file', path, format: 'raw', sizeBytes: 10 } as const;
    await expect(openDiskSink(sink)).rejects.toMatchObject({ code: 'DISK_UNWRITABLE' });
    await writeFile(path, Buffer.alloc(11));
    await expect(openDiskSink(sink)).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    await expect(openDiskSink({ ...sink, path: folder })).rejects.toMatchObject({ code: 'DISK_UNWRITABLE' });
  });

  test('that is large is made durable while it is written, and closed only after that', async () => {
    const path = join(folder, 'large.raw');
    const part = Buffer.alloc(4 * 1024 * 1024, 7);
    const sizeBytes = 40 * part.length;
    await writeFile(path, '');
    await truncate(path, sizeBytes);
    const { RawWriter } = await import('../../../core/kit/disk/raw-writer.ts');
    const writer = RawWriter.open(path, sizeBytes);
    for (let at = 0; at < sizeBytes; at += part.length) writer.write(part, at);
    await writer.sync();
    await writer.close();
    expect((await readFile(path)).equals(Buffer.alloc(sizeBytes, 7))).toBe(true);
  });

  test('on a device without room says so', async () => {
    const { RawWriter } = await import('../../../core/kit/disk/raw-writer.ts');
    expect(() => RawWriter.open('/dev/full', 0)).toThrow(expect.objectContaining({ code: 'DISK_UNWRITABLE' }));
  });
});

describe('lists of extents', () => {
  test('near neighbours become one, and a million at most are kept', () => {
    const list = new ExtentList();
    list.add(0, 100);
    list.add(100, 100);
    list.add(5000, 10);
    list.add(10_000_000, 10);
    expect(list.list()).toEqual([
      { offset: 0, length: 5010 },
      { offset: 10_000_000, length: 10 },
    ]);
    const many = new ExtentList();
    for (let index = 0; index < 1_100_000; index += 1) many.add(index * 100_000, 10);
    expect(many.list().length).toBeLessThan(1_000_000);
    const last = many.list().at(-1);
    expect((last?.offset ?? 0) + (last?.length ?? 0)).toBe(1_099_999 * 100_000 + 10);
  });

  test('the union of two lists holds all of both and ends where it is told to', () => {
    const mega = 1_000_000;
    const left = [
      { offset: 0, length: mega },
      { offset: 5 * mega, length: mega },
    ];
    const right = [
      { offset: mega / 2, length: mega },
      { offset: 9 * mega, length: 5 * mega },
    ];
    expect(unionOf(left, right, 10 * mega)).toEqual([
      { offset: 0, length: 1.5 * mega },
      { offset: 5 * mega, length: mega },
      { offset: 9 * mega, length: mega },
    ]);
  });
});
