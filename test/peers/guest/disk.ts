import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './run.ts';

export interface GuestDiskWish {
  readonly sizeBytes: number;
  readonly format: 'qcow2' | 'raw';
  /** Files by their path on the disk; those under `known/` are told on the console at boot, each with its SHA-256. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

const mke2fs = [
  '-q',
  '-F',
  '-t',
  'ext4',
  '-O',
  '^metadata_csum_seed,^orphan_file',
  '-J',
  'size=1',
  '-E',
  'lazy_itable_init=0,lazy_journal_init=0',
];

/** Makes a disk with one ext4 file system on it, without a partition table. The guest mounts it at /mnt/vda, /mnt/vdb and so on. */
export async function makeGuestDisk(file: string, wish: GuestDiskWish): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'holdfast-disk-'));
  try {
    const tree = join(work, 'tree');
    await mkdir(tree);
    for (const [path, content] of Object.entries(wish.files ?? {})) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), content);
    }
    const raw = join(work, 'raw');
    await run('/bin/sh', [
      '-c',
      'PATH=$PATH:/usr/sbin:/sbin; exec mke2fs "$@"',
      'mke2fs',
      ...mke2fs,
      '-d',
      tree,
      raw,
      `${wish.sizeBytes >> 10}k`,
    ]);
    if (wish.format === 'qcow2') await run('qemu-img', ['convert', '-O', 'qcow2', raw, `${file}.new`]);
    else await run('cp', ['--sparse=always', raw, `${file}.new`]);
    await rename(`${file}.new`, file);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
