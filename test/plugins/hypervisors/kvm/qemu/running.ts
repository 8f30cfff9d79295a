import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call, Extent, Hypervisor, OwnerMark, Plain, Snapshot } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { NbdClient } from '@holdfast/kit/nbd/client';
import { openQemu } from '../../../../../plugins/hypervisors/kvm/src/qemu/open.ts';
import { Qmp } from '../../../../../plugins/hypervisors/kvm/src/qemu/qmp.ts';

export const program = 'qemu-system-x86_64';
export const MiB = 1024 * 1024;

/** What is missing on this machine for these tests, or `null`. */
export function missing(): string | null {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    execFileSync('qemu-img', ['--version'], { stdio: 'ignore' });
    return null;
  } catch {
    return `no ${program} and qemu-img here`;
  }
}

export interface DiskFile {
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
}

/** A QEMU without a guest, or with one that never starts: its disks are as real as any. */
export class RunningQemu implements AsyncDisposable {
  readonly name: string;
  readonly #sockets: string;
  readonly #args: readonly string[];
  #child: ChildProcess | null = null;

  constructor(sockets: string, name: string, args: readonly string[]) {
    this.name = name;
    this.#sockets = sockets;
    this.#args = args;
  }

  get qmpSocket(): string {
    return join(this.#sockets, `${this.name}.qmp`);
  }

  /** The test's own: a socket of QMP serves one at a time. */
  get monitor(): string {
    return join(this.#sockets, `${this.name}.test`);
  }

  async start(): Promise<this> {
    for (const socket of [this.qmpSocket, this.monitor]) await rm(socket, { force: true });
    const serve = (path: string): string => `unix:${path},server=on,wait=off`;
    const args = [...this.#args, '-qmp', serve(this.qmpSocket), '-qmp', serve(this.monitor)];
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    let said = '';
    child.stderr?.on('data', (bytes: Buffer) => {
      said += String(bytes);
    });
    for (;;) {
      if (child.exitCode !== null) throw new Error(`QEMU ended: ${said}`);
      try {
        await this.qmp(async () => {});
        return this;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  async qmp<T>(work: (qmp: Qmp) => Promise<T>): Promise<T> {
    await using qmp = await Qmp.connect(this.monitor, { title: this.name, limitMs: 5_000 });
    return await work(qmp);
  }

  execute(command: string, args?: Readonly<Record<string, Plain>>): Promise<Plain> {
    return this.qmp((qmp) => qmp.execute(command, args));
  }

  /** Writes through a device, as a guest would. */
  async write(device: string, offset: number, length: number, pattern: number): Promise<void> {
    const line = `qemu-io -d /machine/peripheral/${device}/virtio-backend "write -P ${pattern} ${offset} ${length}"`;
    const said = await this.execute('human-monitor-command', { 'command-line': line });
    // What it has done it prints where nobody listens; here it only says what it does not understand.
    if (said !== '') throw new Error(`not written: ${String(said)}`);
  }

  /** Names of the dirty bitmaps of its disks. */
  async bitmaps(): Promise<readonly string[]> {
    const text = JSON.stringify(await this.execute('query-named-block-nodes', { flat: true }));
    return [
      ...new Set([...text.matchAll(/"name":"((?:holdfast|hf)-[^"]*)"/g)].map(([, name]) => name ?? '')),
    ].toSorted();
  }

  /** Ends it as a host does that fails. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await ended;
    }
  }

  /** Waits until it has ended by itself. */
  async ended(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) return;
    await new Promise((resolve) => child.once('exit', resolve));
    this.#child = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

/** A folder of sockets, one of disks, and an endpoint. */
export class QemuYard implements AsyncDisposable {
  readonly root: string;
  readonly sockets: string;
  readonly disks: string;
  readonly data: string;
  readonly lines: string[] = [];
  readonly call: Call;
  readonly #running: RunningQemu[] = [];
  readonly #settings: Readonly<Record<string, Plain>>;
  hypervisor: Hypervisor;

  private constructor(root: string, hypervisor: Hypervisor, settings: Readonly<Record<string, Plain>>) {
    this.root = root;
    this.sockets = join(root, 's');
    this.disks = join(root, 'd');
    this.data = join(root, 'data');
    this.hypervisor = hypervisor;
    this.#settings = settings;
    this.call = makeCall({ log: (level, message) => this.lines.push(`${level}: ${message}`) });
  }

  static async open(more: Readonly<Record<string, Plain>> = {}): Promise<QemuYard> {
    // Sockets have short paths, so this does not lie in whatever deep folder is the temporary one.
    const root = await mkdtemp('/tmp/hfq-');
    for (const folder of ['s', 'd', 'data', 'scratch']) await mkdir(join(root, folder));
    const settings: Record<string, Plain> = { sockets: join(root, 's'), ...more };
    if (more.scratch === true) settings.scratch = join(root, 'scratch');
    return new QemuYard(root, await reopen(settings, join(root, 'data')), settings);
  }

  /** A second process of Holdfast. */
  again(): Promise<Hypervisor> {
    return reopen(this.#settings, this.data);
  }

  async disk(name: string, format: 'qcow2' | 'raw', sizeBytes: number): Promise<DiskFile> {
    const path = join(this.disks, `${name}.${format}`);
    execFileSync('qemu-img', ['create', '-q', '-f', format, path, String(sizeBytes)]);
    return { path, format };
  }

  /** Starts a machine with disks `vda`, `vdb`, … */
  async machine(name: string, disks: readonly DiskFile[], more: readonly string[] = []): Promise<RunningQemu> {
    const args = ['-accel', 'tcg', '-S', '-m', '64', '-display', 'none', '-nodefaults', '-name', name, ...more];
    for (const [index, { path, format }] of disks.entries()) {
      const key = `vd${String.fromCharCode(97 + index)}`;
      args.push('-blockdev', `driver=file,filename=${path},node-name=f-${key},discard=unmap`);
      args.push('-blockdev', `driver=${format},file=f-${key},node-name=n-${key}`);
      args.push('-device', `virtio-blk-pci,drive=n-${key},id=${key}`);
    }
    const running = await new RunningQemu(this.sockets, name, args).start();
    this.#running.push(running);
    return running;
  }

  /** What of ours lies in any folder. */
  async left(): Promise<readonly string[]> {
    const all = await Promise.all(
      [this.sockets, this.disks, join(this.root, 'scratch')].map((folder) => readdir(folder, { recursive: true })),
    );
    return all.flat().filter((name) => name.includes('holdfast'));
  }

  async owned(): Promise<readonly string[]> {
    const ids: string[] = [];
    for await (const { id } of this.hypervisor.owned(this.call)) ids.push(id);
    return ids;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hypervisor.close(this.call);
    for (const running of this.#running) await running.kill();
    await rm(this.root, { recursive: true, force: true });
  }
}

const reopen = (settings: Readonly<Record<string, Plain>>, data: string): Promise<Hypervisor> =>
  openQemu(
    { name: 'here', settings, secret: () => Promise.reject(new Error('no secrets')) },
    data,
    makeCall(),
    () => 1_700_000_000_000,
  );

let intents = 0;
export function mark(site = '5171e000-0000-4000-8000-000000000000'): OwnerMark {
  intents += 1;
  return { site, intent: `intent-${intents}`, run: 'r-1', createdAt: 1_700_000_000_000 };
}

export const tokensOf = (snapshot: Snapshot): readonly string[] =>
  snapshot.disks.flatMap(({ changeToken }) => (changeToken === null ? [] : [changeToken]));

export async function collect(extents: AsyncIterable<Extent> | undefined): Promise<readonly Extent[]> {
  const all: Extent[] = [];
  if (extents !== undefined) for await (const extent of extents) all.push(extent);
  return all;
}

/** Reads parts of a disk of a snapshot into a picture of the whole disk. */
export async function readDisk(
  hypervisor: Hypervisor,
  ref: { readonly machine: string; readonly snapshot: string; readonly disk: string },
  extents: readonly Extent[] | 'all',
  into: Uint8Array,
  call: Call,
): Promise<void> {
  const source = await hypervisor.openDisk(ref, call);
  if (source.kind !== 'nbd') throw new Error(`a disk of kind ${source.kind}`);
  {
    await using client = await NbdClient.connect(source.address, { export: source.export });
    for (const { offset, length } of extents === 'all' ? [{ offset: 0, length: source.sizeBytes }] : extents)
      await client.read(into.subarray(offset, offset + length), offset);
  }
  await hypervisor.closeDisk(source, call);
}
