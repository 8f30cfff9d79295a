import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GuestDiskWish, makeGuestDisk } from '../guest/disk.ts';
import { type Guest, startQemu } from '../guest/qemu.ts';
import type { Installation } from '../holdfast.ts';
import type { BootWish, Hold, Kind, LiveGuest, Restored } from './kind.ts';
import { LineProxy } from './line-proxy.ts';

interface Node {
  readonly 'node-name': string;
  readonly 'dirty-bitmaps'?: readonly { readonly name: string }[];
}

/** QEMU by itself. Holdfast sees its sockets through proxies, so that its orders can be held back. */
export class PlainQemu implements Kind {
  readonly title = 'plain QEMU';
  readonly folder: string;
  readonly endpoint: readonly string[];
  readonly env = {};
  readonly #guests: QemuGuest[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.endpoint = [
      '--use',
      'qemu',
      '--set',
      `sockets=${join(folder, 'sockets')}`,
      '--set',
      `scratch=${join(folder, 'scratch')}`,
    ];
  }

  static async start(): Promise<PlainQemu> {
    const folder = await mkdtemp(join(tmpdir(), 'hf-q-'));
    await chmod(folder, 0o755);
    for (const name of ['sockets', 'scratch', 'real']) await mkdir(join(folder, name));
    return new PlainQemu(folder);
  }

  async boot(name: string, disks: readonly GuestDiskWish[], wish: BootWish = {}): Promise<QemuGuest> {
    const files: { file: string; format: 'qcow2' | 'raw' }[] = [];
    for (const [index, disk] of disks.entries()) {
      const file = join(this.folder, `${name}-${index}.${disk.format}`);
      await makeGuestDisk(file, disk);
      files.push({ file, format: disk.format });
    }
    const guest = new QemuGuest(this.folder, name, files, wish);
    this.#guests.push(guest);
    await guest.start();
    return guest;
  }

  /** From its next boot on it has another name, and so have its sockets; its UUID stays. */
  async rename(guest: LiveGuest, name: string): Promise<void> {
    guest.name = name;
  }

  async hold(): Promise<Hold> {
    const holds = this.#guests.map((guest) => guest.proxy.hold(/"execute":\s*"transaction"/));
    return {
      reached: Promise.race(holds.map(({ reached }) => reached)),
      release: async () => {
        for (const hold of holds) await hold.release();
      },
    };
  }

  async tracking(guest: LiveGuest): Promise<readonly string[]> {
    const nodes = await guest.ask<readonly Node[]>('query-named-block-nodes', { flat: true });
    return nodes.flatMap((node) => (node['dirty-bitmaps'] ?? []).map(({ name }) => `${node['node-name']}/${name}`));
  }

  async dropTracking(guest: LiveGuest): Promise<void> {
    for (const one of await this.tracking(guest)) {
      const [node, name] = one.split('/');
      await guest.ask('block-dirty-bitmap-remove', { node, name });
    }
  }

  async grow(guest: LiveGuest, key: string, sizeBytes: number): Promise<void> {
    await guest.ask('block_resize', { 'node-name': `d${[...guest.disks.keys()].indexOf(key)}`, size: sizeBytes });
  }

  /** Plain QEMU has no inventory to restore into: it is restored into a folder, and booted from there. */
  async bootRestored(installation: Installation, guest: LiveGuest): Promise<Restored> {
    const folder = join(this.folder, 'restored');
    await mkdir(folder, { recursive: true });
    await installation.must('endpoint', 'add', 'folder', '--use', 'kvm', '--path', folder, '--yes');
    const name = `${guest.name}-restored`;
    await installation.must('restore', 'machine', guest.name, '--as', name, '--to', 'folder', '--yes');
    const images = (await readdir(folder, { recursive: true }))
      .filter((file) => /\.(qcow2|raw)$/.test(file))
      .toSorted();
    const disks = images.map((image) => ({
      file: join(folder, image),
      format: image.endsWith('.raw') ? ('raw' as const) : ('qcow2' as const),
    }));
    const restored = await startQemu({ folder: join(this.folder, 'real'), name, disks });
    return {
      sh: (command) => restored.sh(command),
      known: () => restored.console.known(),
      [Symbol.asyncDispose]: async () => {
        await restored.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const guest of this.#guests) await guest.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export class QemuGuest implements LiveGuest {
  name: string;
  readonly disks: ReadonlyMap<string, string>;
  readonly #folder: string;
  readonly #files: readonly { file: string; format: 'qcow2' | 'raw' }[];
  readonly #wish: BootWish;
  readonly #uuid = crypto.randomUUID();
  #guest: Guest | undefined;
  #proxies: LineProxy[] = [];

  constructor(
    folder: string,
    name: string,
    files: readonly { file: string; format: 'qcow2' | 'raw' }[],
    wish: BootWish,
  ) {
    this.#folder = folder;
    this.name = name;
    this.#files = files;
    this.#wish = wish;
    this.disks = new Map(files.map(({ file }, index) => [`disk${index}`, file]));
  }

  get running(): Guest {
    if (this.#guest === undefined) throw new Error(`${this.name} does not run`);
    return this.#guest;
  }

  get proxy(): LineProxy {
    const [proxy] = this.#proxies;
    if (proxy === undefined) throw new Error(`${this.name} does not run`);
    return proxy;
  }

  async start(): Promise<void> {
    const folder = join(this.#folder, 'real');
    this.#guest = await startQemu({
      folder,
      name: this.name,
      disks: this.#files,
      more: ['-uuid', this.#uuid],
      ...this.#wish,
    });
    const at = (suffix: string): string => join(this.#folder, 'sockets', `${this.name}.${suffix}`);
    this.#proxies = [await LineProxy.listen(at('qmp'), this.#guest.qmp)];
    if (this.#wish.agent !== false) this.#proxies.push(await LineProxy.listen(at('qga'), this.#guest.agent));
  }

  sh(command: string, limitMs?: number): Promise<string> {
    return this.running.sh(command, limitMs);
  }

  known(): Record<string, string> {
    return this.running.console.known();
  }

  ask<T>(execute: string, args?: Readonly<Record<string, unknown>>): Promise<T> {
    return this.running.monitor.ask<T>(execute, args);
  }

  async kill(): Promise<void> {
    await this.running.kill();
    await this.close();
  }

  async quit(): Promise<void> {
    await this.running.quit();
    await this.close();
  }

  async close(): Promise<void> {
    for (const proxy of this.#proxies) await proxy.close();
    this.#proxies = [];
    await this.#guest?.close();
    this.#guest = undefined;
  }
}
