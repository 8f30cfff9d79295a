import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Call, CommandHandler, PluginContext } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { activate } from '../../../../plugins/tools/lab/src/plugin.ts';
import { findProgram } from '../../../../plugins/tools/lab/src/programs.ts';

const run = promisify(execFile);
const call = makeCall();
const [e2fsck, fsckFat, mke2fs, qemuImg] = await Promise.all(
  ['e2fsck', 'fsck.fat', 'mke2fs', 'qemu-img'].map(findProgram),
);

let source: string;
let folder: string;
let commands: Map<string, CommandHandler>;

beforeAll(async () => {
  source = await mkdtemp(join(tmpdir(), 'holdfast-lab-files-'));
  await mkdir(join(source, 'deep', 'er'), { recursive: true });
  for (let file = 0; file < 60; file += 1) {
    const place = file % 3 === 0 ? 'deep/er' : file % 3 === 1 ? 'deep' : '.';
    await writeFile(join(source, place, `a rather long name, ${file}.txt`), `${file} `.repeat(20_000 + file * 331));
  }
  await writeFile(join(source, 'UPPER.txt'), 'one');
  await writeFile(join(source, 'upper.txt'), 'other');
  await writeFile(join(source, 'co:lon'), 'not for FAT');
});
afterAll(() => rm(source, { recursive: true, force: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-lab-'));
  commands = new Map();
  const context: Partial<PluginContext> = {
    dataFolder: folder,
    registerCommand: (id, handler) => void commands.set(id, handler),
  };
  await activate(context as PluginContext);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function lab(id: string, args: Record<string, unknown>, how: Call = call): Promise<Record<string, unknown>> {
  const result = await commands.get(`lab.${id}`)?.(args as never, how);
  return result?.data as Record<string, unknown>;
}

const make = (args: Record<string, unknown> = {}) =>
  lab('make', { name: 'one', folder, size: '8MiB', onlyFrom: true, from: [source], ...args });

async function check(disk: string, fileSystem: string): Promise<void> {
  const program = fileSystem === 'ext4' ? e2fsck : fsckFat;
  if (program === undefined || program === null) return;
  await run(program, fileSystem === 'ext4' ? ['-fn', disk] : ['-n', disk]);
}

const fileSystems = mke2fs === null ? (['fat32'] as const) : (['ext4', 'fat32'] as const);

describe.each(fileSystems)('a lab machine with %s', (fileSystem) => {
  test('has the files on its disk, in a file system that its own checker finds whole', async () => {
    const made = await make({ fileSystem });
    expect(made.fileSystem).toBe(fileSystem);
    expect(made.files).toBe(fileSystem === 'ext4' ? 63 : 61);
    await check(String(made.disk), fileSystem);
    expect(await readFile(join(folder, 'one', 'one.xml'), 'utf8')).toContain(`<source file='${String(made.disk)}'/>`);
    expect(await readdir(folder)).toEqual(['one']);
  });

  test('changes as much as it is told, inside of files only, the same each time', async () => {
    const made = await make({ fileSystem });
    const disk = String(made.disk);
    const [before, after] = [join(folder, 'before'), join(folder, 'after')];
    await copyFile(disk, before);
    const changed = await lab('change', { name: 'one', folder, percent: 10, seed: 7 });
    const ratio = Number(changed.changedBytes) / Number(changed.dataBytes);
    expect(ratio).toBeGreaterThanOrEqual(0.1);
    expect(ratio).toBeLessThan(0.11);
    await check(disk, fileSystem);
    const difference = await lab('compare', { left: before, right: disk });
    expect(difference).toMatchObject({
      equal: false,
      bytes: { equal: false },
      files: { equal: false, files: made.files, differingCount: changed.changedFiles },
    });
    await copyFile(disk, after);
    await copyFile(before, disk);
    await lab('change', { name: 'one', folder, percent: 10, seed: 7 });
    expect(await lab('compare', { left: after, right: disk })).toMatchObject({ equal: true, files: { equal: true } });
  });

  test('is made the same from the same seed', async () => {
    const [one, other] = [await make({ fileSystem }), await make({ fileSystem, folder: join(folder, 'again') })];
    expect(await lab('compare', { left: one.disk, right: other.disk })).toMatchObject({ files: { equal: true } });
  });
});

describe('lab machines', () => {
  test('a disk that differs in one byte of one file is told apart, byte for byte and file for file', async () => {
    const made = await make({ fileSystem: 'fat32' });
    const copy = join(folder, 'copy');
    const bytes = await readFile(String(made.disk));
    bytes[bytes.indexOf('one')] = 0x21;
    await writeFile(copy, bytes);
    expect(await lab('compare', { left: made.disk, right: copy })).toMatchObject({
      equal: false,
      files: { differing: ['srv/files-1/UPPER.txt'], differingCount: 1 },
    });
  });

  test('files that are on one disk only are named, on whichever side they are', async () => {
    const trees: readonly (readonly string[])[] = [
      ['a/1', 'a/2', 'b', 'd/x'],
      ['a/2', 'a.txt', 'c', 'd'],
    ];
    const disks: unknown[] = [];
    for (const [index, paths] of trees.entries()) {
      const from = join(folder, `from-${index}`);
      for (const path of paths) {
        await mkdir(join(from, path, '..'), { recursive: true });
        await writeFile(join(from, path), 'the same everywhere');
      }
      disks.push((await make({ name: `m${index}`, from: [from], fileSystem: fileSystems[0] })).disk);
    }
    const differing = ['a/1', 'a.txt', 'b', 'c', 'd', 'd/x'].map((path) => `srv/files-1/${path}`);
    expect(await lab('compare', { left: disks[0], right: disks[1] })).toMatchObject({
      equal: false,
      files: { equal: false, files: 4, differing, differingCount: 6 },
    });
  });

  test('a disk without a file system is compared byte for byte, and the answer says that this is all', async () => {
    const [left, right] = [join(folder, 'left'), join(folder, 'right')];
    await writeFile(left, Buffer.alloc(10_000, 7));
    await writeFile(right, Buffer.alloc(10_000, 7));
    expect(await lab('compare', { left, right })).toEqual({
      equal: true,
      bytes: { equal: true, comparedBytes: 10_000, firstDifference: null },
      files: null,
    });
    await writeFile(right, Buffer.alloc(9_000, 7));
    expect(await lab('compare', { left, right })).toMatchObject({ equal: false, bytes: { firstDifference: 9000 } });
  });

  test('are listed, and removed only when they are ours', async () => {
    await make({ fileSystem: 'fat32' });
    await mkdir(join(folder, 'mine'));
    await writeFile(join(folder, 'mine', 'photo.jpg'), 'x');
    expect(await lab('list', { folder })).toMatchObject([{ name: 'one', changes: 0, diskFormat: 'raw' }]);
    await expect(lab('remove', { name: 'mine', folder })).rejects.toMatchObject({ code: 'MACHINE_NOT_FOUND' });
    await expect(lab('remove', { name: '../one', folder })).rejects.toMatchObject({ code: 'NAME_INVALID' });
    await lab('remove', { name: 'one', folder });
    expect(await readdir(folder)).toEqual(['mine']);
  });

  test('are not made over something of the same name, and a cancelled one leaves nothing', async () => {
    await make({ fileSystem: 'fat32' });
    await expect(make()).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    const stop = new AbortController();
    const progress = () => stop.abort();
    const args = { name: 'two', folder, size: '8MiB', onlyFrom: true, from: [source] };
    const making = lab('make', args, makeCall({ signal: stop.signal, progress }));
    await expect(making).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await readdir(folder)).toEqual(['one']);
  });

  test('take readable files of this system when not told otherwise', async () => {
    const made = await make({ onlyFrom: false, from: [], size: '2MB' });
    expect(Number(made.dataBytes)).toBeGreaterThan(1_000_000);
  });

  test('a dry run says what would be done and does nothing', async () => {
    expect(await make({ dryRun: true })).toMatchObject({ dryRun: true, dataBytes: 8 * 2 ** 20 });
    expect(await readdir(folder)).toEqual([]);
    const made = await make({ fileSystem: 'fat32' });
    const before = await readFile(String(made.disk));
    expect(await lab('change', { name: 'one', folder, dryRun: true })).toMatchObject({ dryRun: true, percent: 2 });
    expect((await readFile(String(made.disk))).equals(before)).toBe(true);
    expect(await lab('remove', { name: 'one', folder, dryRun: true })).toMatchObject({ dryRun: true });
    await expect(make({ dryRun: true })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(await readdir(folder)).toEqual(['one']);
  });

  test('say so when there is nothing to make them from', async () => {
    await expect(make({ from: [join(folder, 'nowhere')] })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await expect(make({ size: 'huge' })).rejects.toMatchObject({ code: 'USAGE' });
    expect(await readdir(folder)).toEqual([]);
  });

  test.skipIf(qemuImg === null)('may have a qcow2 disk where qemu-img is installed, and change it', async () => {
    const made = await make({ format: 'qcow2' });
    expect((await stat(String(made.disk))).size).toBeLessThan(Number(made.dataBytes) * 2);
    const before = join(folder, 'before');
    await copyFile(String(made.disk), before);
    await lab('change', { name: 'one', folder, percent: 5 });
    await expect(run(qemuImg ?? '', ['compare', before, String(made.disk)])).rejects.toMatchObject({ code: 1 });
    expect(await readdir(join(folder, 'one'))).toEqual(['.lab.json', 'one.qcow2', 'one.xml']);
  });
});
