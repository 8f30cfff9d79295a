import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { run } from './guest/run.ts';
import type { Installation } from './holdfast.ts';

/** Hash of a whole file, as `md5sum` in the guest gives it: the guest is slow, and MD5 is quick. */
export async function md5(file: string): Promise<string> {
  const hash = createHash('md5');
  for await (const bytes of createReadStream(file)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}

/** Where two files differ first, or `null` when all bytes are equal. */
export async function difference(one: string, other: string): Promise<string | null> {
  const [a, b] = await Promise.all([stat(one), stat(other)]);
  if (a.size !== b.size) return `${a.size} and ${b.size} bytes`;
  return await run('cmp', [one, other]).then(
    () => null,
    (error: Error) => error.message,
  );
}

/** A disk of a restore point, as a raw file. It is judged by programs that know nothing of Holdfast. */
export class ExportedDisk implements AsyncDisposable {
  readonly file: string;

  private constructor(file: string) {
    this.file = file;
  }

  static async of(installation: Installation, point: string, disk: string): Promise<ExportedDisk> {
    const file = installation.path(`${point.slice(0, 8)}-${disk}.raw`);
    await installation.must('point', 'export', point, '--disk', disk, '--to', file);
    return new ExportedDisk(file);
  }

  async size(): Promise<number> {
    return (await stat(this.file)).size;
  }

  /** What a full check of its file system, which changes nothing, complains about; `null` when it is clean. */
  async complaints(): Promise<string | null> {
    return await tool('e2fsck', '-fn', this.file).then(
      () => null,
      (error: Error) => error.message,
    );
  }

  /** Content of a file on it, or `null` when there is none. */
  async content(path: string): Promise<Buffer | null> {
    const out = `${this.file}.out`;
    await rm(out, { force: true });
    await tool('debugfs', '-R', `dump ${path} ${out}`, this.file);
    return await readFile(out).catch(() => null);
  }

  async sha256(path: string): Promise<string | null> {
    const content = await this.content(path);
    return content === null ? null : createHash('sha256').update(content).digest('hex');
  }

  /** How far the guest's writer had got on it. */
  async counter(): Promise<number> {
    return Number((await this.content('counter'))?.toString() ?? Number.NaN);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.file, { force: true });
    await rm(`${this.file}.out`, { force: true });
  }
}

const tool = (program: string, ...args: readonly string[]): Promise<string> =>
  run('/bin/sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin; exec "$0" "$@"', program, ...args]);

/** NBD servers of processes that have to do with a folder: the socket of each, with the names of what it serves. */
export async function served(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const inodes = await socketsOf(folder);
  const found = new Map<string, readonly string[]>();
  for (const line of (await readFile('/proc/net/unix', 'utf8')).split('\n')) {
    const [, , , flags, , , inode = '', socket] = line.trim().split(/\s+/);
    if (flags !== '00010000' || socket === undefined || !inodes.has(inode)) continue;
    const uri = `nbd+unix:///?socket=${socket}`;
    const listed = await run('timeout', ['5', 'nbdinfo', '--list', '--json', uri]).catch(() => null);
    if (listed === null) continue;
    const { exports } = JSON.parse(listed) as { readonly exports: readonly { readonly 'export-name': string }[] };
    found.set(
      socket,
      exports.map((one) => one['export-name']),
    );
  }
  return found;
}

/** Inodes of sockets that are open in QEMUs of that folder. */
async function socketsOf(folder: string): Promise<ReadonlySet<string>> {
  const inodes = new Set<string>();
  for (const pid of await readdir('/proc')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (!command.includes('qemu-') || !command.includes(folder)) continue;
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const [, inode] = (await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')).match(/^socket:\[(\d+)\]$/) ?? [];
      if (inode !== undefined) inodes.add(inode);
    }
  }
  return inodes;
}

/** Reads all of what is served with another client than Holdfast's. */
export async function copyServed(socket: string, name: string, file: string): Promise<void> {
  await run('nbdcopy', [`nbd+unix:///${encodeURIComponent(name)}?socket=${socket}`, file]);
}
