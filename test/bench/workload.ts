import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, open, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Extent } from '@holdfast/api';
import { openDiskSource } from '../../core/kit/disk/open.ts';
import { copyTree } from '../../plugins/tools/lab/src/copy-tree.ts';
import { makeExt4 } from '../../plugins/tools/lab/src/ext4/make.ts';
import type { PickedFile, PickFrom } from '../../plugins/tools/lab/src/pick-files.ts';
import { pickFiles } from '../../plugins/tools/lab/src/pick-files.ts';
import { findProgram } from '../../plugins/tools/lab/src/programs.ts';
import { Seeded } from '../../plugins/tools/lab/src/seeded.ts';

const run = promisify(execFile);
const mostFiles = 1_000_000;

/** Two machines as they are met: an operating system of real files, and what a day does to one of them. */
export interface Workload {
  /** A machine with an operating system and a part of its own. */
  readonly vm1: string;
  /** The same after a day: 2 % of its allocated bytes rewritten in extents of 4 to 64 KiB, half text, half incompressible. */
  readonly vm1c: string;
  /** Its sibling: mostly the same files, elsewhere on the disk, and a part of its own. */
  readonly vm2: string;
  readonly sizeBytes: number;
  readonly allocatedBytes: number;
  readonly changedBytes: number;
}

/** How a workload is made. The same source tree, size and seed give the same images but for the times in inodes. */
export interface WorkloadWish {
  readonly folder: string;
  /** Size of each disk in bytes. About three fifths of it become data. */
  readonly sizeBytes: number;
  readonly seed: number;
  /** A system's `/usr`, or something like it. */
  readonly source: string;
}

/** What most systems have; each gives its share, and the last two the rest. */
const systemFolders = [
  ...[
    'bin',
    'sbin',
    'include',
    'libexec',
    'share/doc',
    'share/perl',
    'share/locale',
    'lib/x86_64-linux-gnu',
    'lib/gcc',
  ],
  ...['lib/python3', 'lib/python3.11', 'lib/systemd', 'lib/git-core', 'lib/postgresql', 'lib', 'share'],
];
const ownFolders = ['lib/go-1.19', 'local', 'src', 'lib/llvm-14', 'lib/jvm'];

/** Makes the three images with mke2fs alone: no mount, no root. */
export async function makeWorkload(wish: WorkloadWish): Promise<Workload> {
  const signal = new AbortController().signal;
  const mke2fs = await findProgram('mke2fs');
  if (mke2fs === null) throw new Error('the benchmark needs mke2fs: install e2fsprogs');
  await mkdir(wish.folder, { recursive: true });
  const [vm1, vm1c, vm2] = ['vm1.raw', 'vm1c.raw', 'vm2.raw'].map((name) => join(wish.folder, name)) as [
    string,
    string,
    string,
  ];
  const tree = join(wish.folder, 'tree');
  for (const old of [vm1, vm1c, vm2, tree]) await rm(old, { recursive: true, force: true });

  const from = (names: readonly string[]): PickFrom[] => {
    const there = names.map((name) => ({ folder: join(wish.source, name), as: `usr/${name}` }));
    return there.filter(({ folder }) => existsSync(folder));
  };
  const common = unique(await pickFiles(from(systemFolders), wish.sizeBytes * 0.52, signal, mostFiles));
  const used = new Set(common.map((file) => file.source));
  const own = (await pickFiles(from(ownFolders), wish.sizeBytes * 0.08, signal, mostFiles)).filter(
    (file) => !used.has(file.source),
  );
  const first = [...common, ...own.map((file) => ({ ...file, path: `srv/${file.path}` }))];

  await copyTree(first, tree, signal);
  await makeExt4(mke2fs, vm1, wish.sizeBytes, tree, first.length, '11111111-1111-1111-1111-111111111111', signal);

  for (const gone of ['srv', 'usr/share/doc']) await rm(join(tree, gone), { recursive: true, force: true });
  await writeApplication(join(tree, 'var/lib/app'), wish.sizeBytes * 0.03, new Seeded(wish.seed + 7));
  await makeExt4(mke2fs, vm2, wish.sizeBytes, tree, first.length, '22222222-2222-2222-2222-222222222222', signal);
  await rm(tree, { recursive: true });

  await run('cp', ['--sparse=always', vm1, vm1c]);
  const { allocatedBytes, changedBytes } = await rewrite(vm1c, 0.02, new Seeded(wish.seed));
  return { vm1, vm1c, vm2, sizeBytes: wish.sizeBytes, allocatedBytes, changedBytes };
}

/** A path may be met twice, from a folder and from the one above it. */
function unique(files: readonly PickedFile[]): PickedFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}

/** Logs, which compress, and blobs, which do not, two to one, in files of 2 MiB. */
async function writeApplication(folder: string, bytes: number, random: Seeded): Promise<void> {
  await mkdir(folder, { recursive: true });
  const each = 2 * 2 ** 20;
  for (let file = 0; file * each < bytes; file += 1) {
    const body = file % 3 === 2 ? random.bytes(each) : random.text(each);
    await writeFile(join(folder, `file-${String(file).padStart(4, '0')}`), body);
  }
}

/** Rewrites a share of what is allocated, at random places that are whole 4 KiB blocks. */
async function rewrite(
  path: string,
  ratio: number,
  random: Seeded,
): Promise<{ readonly allocatedBytes: number; readonly changedBytes: number }> {
  const { size } = await stat(path);
  const reader = await openDiskSource({ kind: 'file', path, format: 'raw', chain: [], sizeBytes: size });
  const extents = await reader.allocated();
  await reader.close();
  const allocatedBytes = extents.reduce((sum, extent) => sum + extent.length, 0);
  const large = extents.filter((extent) => extent.length >= 2 ** 20);
  const total = large.reduce((sum, extent) => sum + extent.length, 0);
  let changedBytes = 0;
  await using handle = await open(path, 'r+');
  for (let turn = 0; changedBytes < allocatedBytes * ratio; turn += 1) {
    const extent = extentAt(large, random.integer(total));
    const length = 4096 * (1 + random.integer(16));
    const start = Math.ceil(extent.offset / 4096);
    const blocks = Math.floor((extent.offset + extent.length - length) / 4096) - start;
    const offset = (start + random.integer(Math.max(1, blocks))) * 4096;
    await handle.write(turn % 2 === 0 ? random.text(length) : random.bytes(length), 0, length, offset);
    changedBytes += length;
  }
  await handle.sync();
  return { allocatedBytes, changedBytes };
}

function extentAt(extents: readonly Extent[], place: number): Extent {
  let before = 0;
  for (const extent of extents) {
    before += extent.length;
    if (place < before) return extent;
  }
  throw new RangeError('there is no extent to change');
}

/** Bytes of `4g`, `256m`, `1000000`. */
export function bytesOf(text: string): number {
  const found = /^(\d+)([kmg]?)$/i.exec(text);
  if (found === null) throw new Error(`${text} is no size: write 256m or 4g`);
  const unit = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 }[(found[2] ?? '').toLowerCase()] ?? 1;
  return Number(found[1]) * unit;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      size: { type: 'string', default: '4g' },
      seed: { type: 'string', default: '42' },
      source: { type: 'string', default: '/usr' },
    },
  });
  const [folder] = positionals;
  if (folder === undefined) throw new Error('usage: workload.ts FOLDER [--size 4g] [--seed 42] [--source /usr]');
  const wish = {
    folder: resolve(folder),
    sizeBytes: bytesOf(values.size),
    seed: Number(values.seed),
    source: values.source,
  };
  console.log(JSON.stringify(await makeWorkload(wish), null, 2));
}
