import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wordsOf } from '../../core/server/connection/run-exec.ts';
import { splitLine } from '../../core/server/connection/split-line.ts';
import { windowSize } from '../../core/server/connection/window-size.ts';
import { hostKey } from '../../core/server/host-key.ts';
import { newKeyPair } from '../../core/server/key-pair.ts';
import { longName } from '../../core/server/sftp/attributes.ts';
import { BlockCache } from '../../core/server/sftp/block-cache.ts';
import { plainPath } from '../../core/server/sftp/path.ts';
import { namesOf, safeName } from '../../core/server/sftp/safe-name.ts';
import { patternBytes } from './fakes.ts';

test.each([
  ['', []],
  ['   ', []],
  ['a  b\tc\n', ['a', 'b', 'c']],
  [`'a b' "c d" e\\ f`, ['a b', 'c d', 'e f']],
  [`a'b'"c"d`, ['abcd']],
  [`'' ""`, ['', '']],
  [`'\\n' "\\n" \\n`, ['\\n', '\\n', 'n']],
  [`"\\$HOME \\" \\\\ \\\`"`, ['$HOME " \\ `']],
  ['a\\\nb "c\\\nd"', ['ab', 'cd']],
  ['\\\n', []],
  [
    '$HOME `id` $(id) * ? ~ a;b|c&d>e <f #g {h,i}',
    ['$HOME', '`id`', '$(id)', '*', '?', '~', 'a;b|c&d>e', '<f', '#g', '{h,i}'],
  ],
  ['end\\', ['end\\']],
  [`"'" '"'`, ["'", '"']],
])('the line %j has the words %j', (line, words) => {
  expect(splitLine(line)).toEqual(words);
});

test.each([["'open"], ['"open'], ['"open\\"'], ['nul\0'], ['x'.repeat(200_000)], ['x '.repeat(5_000)]])(
  'the line %.20j is refused',
  (line) => {
    expect(() => splitLine(line)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  },
);

test('the name of the program may be said or not', () => {
  expect(wordsOf('holdfast machine list')).toEqual(['machine', 'list']);
  expect(wordsOf('machine list holdfast')).toEqual(['machine', 'list', 'holdfast']);
  expect(wordsOf('holdfast')).toEqual([]);
});

test.each([
  [100, 30, 100, 30],
  [0, 0, 80, 24],
  [1, 1, 1, 1],
  [500, 200, 500, 200],
  [4_294_967_295, 4_294_967_295, 512, 256],
  [undefined, Number.NaN, 80, 24],
])('a window of %s × %s is drawn as %i × %i', (columns, rows, shown, high) => {
  expect(windowSize(columns, rows)).toEqual({ columns: shown, rows: high });
});

test('a key that is written so that nobody can read it is thrown away', () => {
  const good = newKeyPair();
  const broken = { private: good.private.replace('b3BlbnNzaC1rZXktdjEA', 'b3BlbnNzaC1rZXktdjEB'), public: good.public };
  const other = { private: good.private, public: newKeyPair().public };
  const made = [broken, other, good];
  expect(newKeyPair(() => made.shift() ?? good)).toBe(good);
  expect(made).toEqual([]);
});

describe('the host key', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-key-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('is the same for servers that start at once', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => hostKey(join(folder, 'data'))));
    expect(new Set(keys.map(({ fingerprint }) => fingerprint)).size).toBe(1);
    expect(await readdir(join(folder, 'data'))).toEqual(['ssh-host-key']);
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700);
  });

  test('is refused when others may read it, and kept', async () => {
    await hostKey(folder);
    await chmod(join(folder, 'ssh-host-key'), 0o640);
    await expect(hostKey(folder)).rejects.toMatchObject({
      code: 'SERVER_FAILED',
      message: expect.stringContaining('others may read'),
    });
    await chmod(join(folder, 'ssh-host-key'), 0o600);
    await expect(hostKey(folder)).resolves.toBeDefined();
  });

  test.each([
    ['empty', ''],
    ['noise', 'x'.repeat(1000)],
    ['huge', 'x'.repeat(100_000)],
  ])('is never replaced when it is damaged: %s', async (_what, content) => {
    await writeFile(join(folder, 'ssh-host-key'), content, { mode: 0o600 });
    await expect(hostKey(folder)).rejects.toMatchObject({ code: 'SERVER_FAILED' });
    expect((await stat(join(folder, 'ssh-host-key'))).size).toBe(content.length);
  });
});

test.each([
  ['web-07', 'web-07'],
  ['a b/c', 'a_b_c'],
  ['..', '_'],
  ['.hidden', '_.hidden'],
  ['-rf', '_-rf'],
  ['', '_'],
  ['con', '_con'],
  ['NUL.txt', '_NUL.txt'],
  ['end.', 'end_'],
  ['日本語-веб', '日本語-веб'],
  ['a\u202eb\u0000c', 'a_b_c'],
  ['\u0301x', '_\u0301x'],
])('the machine %j is the folder %j', (name, safe) => {
  expect(safeName(name)).toBe(safe);
  expect(Array.from(safeName(name.repeat(200))).length).toBeLessThanOrEqual(81);
});

test('things of one name are told apart, and none takes the place of another', () => {
  const names = namesOf([
    { thing: 1, names: ['web', 'web@a', 'web@a~1'] },
    { thing: 2, names: ['WEB', 'WEB@b', 'WEB@b~2'] },
    { thing: 3, names: ['db', 'db@a', 'db@a~3'] },
    { thing: 4, names: ['db', 'db@a', 'db@a~4'] },
    { thing: 5, names: ['alone', 'alone@a', 'alone@a~5'] },
  ]);
  expect(names.listed.map(({ name }) => name)).toEqual(['WEB@b', 'alone', 'db@a~3', 'db@a~4', 'web@a']);
  expect(names.find('web')).toBeNull();
  expect(names.find('web@a')).toBe(1);
  expect(names.find('alone@a')).toBe(5);
  expect(names.find('__proto__')).toBeNull();
});

test.each([
  ['.', '/'],
  ['', '/'],
  ['/a/./b//c/..', '/a/b'],
  ['a/../..', null],
  ['/..', null],
  ['/a\0', null],
])('the path %j is plainly %j', (path, plain) => {
  expect(plainPath(path)).toBe(plain);
});

test('a date is told with its time when it is recent and with its year when not', () => {
  const now = Date.UTC(2026, 10, 22, 12);
  expect(longName('x', { at: now }, now)).toContain('Nov 22 12:00 x');
  expect(longName('x', { at: Date.UTC(2024, 0, 5) }, now)).toContain('Jan  5  2024 x');
  expect(longName('x', { at: Number.NaN }, now)).toContain('1970');
});

test('blocks that were read are kept within their bound, and what failed is read again', async () => {
  const mebibyte = 1024 * 1024;
  const size = 50 * mebibyte + 5;
  const cache = new BlockCache(4 * mebibyte, 2);
  let reads = 0;
  let isBroken = false;
  const read = async (offset: number, length: number): Promise<Uint8Array> => {
    reads += 1;
    if (isBroken) throw new Error('broken');
    return patternBytes(1, offset, length);
  };
  const at = async (offset: number, length: number, isSequential = false): Promise<void> => {
    const bytes = await cache.read('disk', size, { offset, length }, read, isSequential);
    expect(bytes.equals(patternBytes(1, offset, length))).toBe(true);
  };
  await at(0, 10, true);
  expect(reads).toBe(3);
  await at(mebibyte - 5, 10);
  expect(reads).toBe(3);
  for (let block = 0; block < 50; block++) await at(block * mebibyte, 100);
  expect(cache.heldBytes).toBeLessThanOrEqual(4 * mebibyte);
  await at(size - 7, 7);
  isBroken = true;
  await expect(at(0, 10)).rejects.toThrow('broken');
  isBroken = false;
  await at(0, 10);
});

test('less than was asked for is an error', async () => {
  const cache = new BlockCache();
  const short = async (): Promise<Uint8Array> => new Uint8Array(3);
  await expect(cache.read('disk', 100, { offset: 0, length: 10 }, short, false)).rejects.toThrow('got 3');
});
