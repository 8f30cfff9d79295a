import { createHash } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { run } from './run.ts';

/** What QEMU boots: a kernel of Debian, and a file system in memory with busybox and the guest agent. */
export interface GuestImage {
  readonly kernel: string;
  readonly initrd: string;
  /** Command line of the kernel; `guest.name=NAME` names the machine, `guest.quiet=1` leaves the writer out. */
  readonly cmdline: string;
}

const modules = ['virtio_pci', 'virtio_blk', 'virtio_console', 'sd_mod', 'virtio_scsi'];
const source = import.meta.dirname;

/**
 * Builds the guest, or gives the one that another test has built: it lies in the folder for temporary files, under
 * the versions that it is made of. Nothing is installed; packages are fetched and unpacked. Takes about five seconds once.
 */
export async function buildGuest(): Promise<GuestImage> {
  const kernelPackage = (await run('apt-cache', ['depends', 'linux-image-cloud-amd64'])).match(
    /Depends: (linux-image-\S+)/,
  )?.[1];
  if (kernelPackage === undefined) throw new Error('linux-image-cloud-amd64 is not known here: run apt-get update');
  const packages = [kernelPackage, 'qemu-guest-agent'];
  const versions = await run('apt-cache', ['policy', ...packages]);
  const made = await Promise.all(['init.sh', 'build.ts'].map((file) => readFile(join(source, file))));
  const key = createHash('sha256')
    .update(versions.replace(/Installed:.*/g, ''))
    .update(Buffer.concat(made))
    .digest('hex');
  const folder = join(tmpdir(), `holdfast-guest-${key.slice(0, 16)}`);
  const image = {
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd.gz'),
    cmdline: 'console=ttyS0 quiet panic=-1',
  };
  if (await isThere(folder)) return image;

  const work = await mkdtemp(join(tmpdir(), 'holdfast-guest-work-'));
  try {
    await mkdir(join(work, 'done'));
    await build(work, packages);
    await chmod(join(work, 'done'), 0o755);
    // Two at once build the same; whoever comes second keeps the first one's.
    await rename(join(work, 'done'), folder).catch(async (cause: unknown) => {
      if (!(await isThere(folder))) throw cause;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return image;
}

async function build(work: string, packages: readonly string[]): Promise<void> {
  const user = process.getuid?.() === 0 ? ['-o', 'APT::Sandbox::User=root'] : [];
  await run('apt-get', [...user, 'download', ...packages], undefined, work);
  for (const file of await readdir(work)) {
    if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', join(work, file), join(work, 'unpacked')]);
  }
  const unpacked = join(work, 'unpacked');
  const kernel = (await readdir(join(unpacked, 'boot'))).find((file) => file.startsWith('vmlinuz-'));
  if (kernel === undefined) throw new Error(`${packages[0]} has no kernel`);
  await copyFile(join(unpacked, 'boot', kernel), join(work, 'done/vmlinuz'));
  await chmod(join(work, 'done/vmlinuz'), 0o644);

  const root = join(work, 'root');
  for (const part of ['bin', 'dev', 'proc', 'sys', 'tmp', 'mnt', 'run', 'var/run', 'lib/guest', 'modules', 'etc']) {
    await mkdir(join(root, part), { recursive: true });
  }
  await copyModules(join(unpacked, 'lib/modules', kernel.slice('vmlinuz-'.length), 'kernel'), join(root, 'modules'));
  await copyAgent(join(unpacked, 'usr/sbin/qemu-ga'), root);
  await copyFile((await run('/bin/sh', ['-c', 'command -v busybox'])).trim(), join(root, 'bin/busybox'));
  await copyFile(join(source, 'init.sh'), join(root, 'init'));
  for (const file of ['init', 'bin/busybox', 'bin/qemu-ga', 'lib/guest/ld.so']) await chmod(join(root, file), 0o755);
  await run('/bin/sh', [
    '-c',
    'cd "$0" && find . | sort | busybox cpio -o -H newc -R 0:0 2>/dev/null | gzip -1 > "$1"',
    root,
    join(work, 'done/initrd.gz'),
  ]);
}

/** Modules with all that they depend on, and the order in which they go in. */
async function copyModules(from: string, into: string): Promise<void> {
  const paths = new Map<string, string>();
  for (const entry of await readdir(from, { recursive: true })) {
    if (entry.endsWith('.ko')) paths.set(basename(entry, '.ko').replaceAll('-', '_'), join(from, entry));
  }
  const order: string[] = [];
  const take = async (module: string): Promise<void> => {
    const path = paths.get(module);
    if (path === undefined || order.includes(module)) return;
    const text = (await readFile(path)).toString('latin1');
    for (const needed of text.match(/\0depends=([^\0]*)\0/)?.[1]?.split(',') ?? [])
      await take(needed.replaceAll('-', '_'));
    await copyFile(path, join(into, `${module}.ko`));
    order.push(module);
  };
  for (const module of modules) await take(module);
  await writeFile(join(into, 'order'), `${order.join('\n')}\n`);
}

/** The agent with its libraries, run by their own loader. The libraries are those of this machine, on which QEMU needs them too. */
async function copyAgent(agent: string, root: string): Promise<void> {
  await copyFile(agent, join(root, 'bin/qemu-ga'));
  const listed = await run('ldd', [agent]);
  const absent = listed.match(/(\S+) => not found/)?.[1];
  if (absent !== undefined) throw new Error(`${absent} is not installed here; the guest agent needs it`);
  for (const [, library] of listed.matchAll(/(\/\S+) \(0x/g)) {
    if (library === undefined) continue;
    await copyFile(library, join(root, 'lib/guest', library.includes('ld-linux') ? 'ld.so' : basename(library)));
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

if (process.argv[1] === import.meta.filename) console.log(await buildGuest());
