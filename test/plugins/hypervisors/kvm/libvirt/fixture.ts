import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  Call,
  DiskRef,
  Extent,
  Hypervisor,
  LogLevel,
  Machine,
  NbdSource,
  OwnedThing,
  OwnerMark,
  Plain,
} from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { NbdClient } from '@holdfast/kit/nbd/client';
import { openLibvirt } from '../../../../../plugins/hypervisors/kvm/src/libvirt/open.ts';
import { makeGuestDisk } from '../../../../peers/guest/disk.ts';
import { type Libvirt, startLibvirt } from '../../../../peers/guest/libvirt.ts';

/** Why there can be no libvirt here; `null` when there can. */
export const needed = ['libvirtd', 'virsh', 'qemu-nbd', 'debugfs'] as const;

const MiB = 1024 * 1024;
let intents = 0;

export const site = 'site-of-this-test';
export const mark = (): OwnerMark => {
  intents += 1;
  return { site, intent: `intent-${intents}`, run: 'run-1', createdAt: 1_700_000_000_000 };
};

/** A call, and what was logged with it. */
export function listening(): { readonly call: Call; readonly said: string[] } {
  const said: string[] = [];
  return { said, call: makeCall({ log: (level: LogLevel, message: string) => void said.push(`${level} ${message}`) }) };
}

/** A libvirt with an endpoint to it. */
export class World implements AsyncDisposable {
  readonly folder: string;
  readonly libvirt: Libvirt;
  readonly opened: Hypervisor[] = [];

  private constructor(folder: string, libvirt: Libvirt) {
    this.folder = folder;
    this.libvirt = libvirt;
  }

  static async make(): Promise<World> {
    const folder = await mkdtemp('/tmp/hf-lv-');
    // libvirt's user is another one when the tests are root's.
    await chmod(folder, 0o711);
    return new World(folder, await startLibvirt(join(folder, 'v')));
  }

  /** Opens the endpoint, as another process would. */
  async open(
    more: Readonly<Record<string, Plain>> = {},
    secrets: Readonly<Record<string, string>> = {},
  ): Promise<Hypervisor> {
    const settings = { uri: this.libvirt.uri, images: join(this.libvirt.folder, 'images'), ...more };
    const secret = async (setting: string): Promise<string> => secrets[setting] ?? '';
    const hypervisor = await openLibvirt({ name: 'kvm', settings, secret }, join(this.folder, 'data'), makeCall());
    this.opened.push(hypervisor);
    return hypervisor;
  }

  /** A guest with disks `vda`, `vdb`, …, each with a file that was there before anything else. */
  async guest(
    name: string,
    formats: readonly ('qcow2' | 'raw')[],
    more: { readonly agent?: boolean; readonly writes?: boolean } = {},
  ) {
    const disks = await Promise.all(
      formats.map(async (format, index) => {
        const file = join(this.libvirt.folder, 'images', `${name}-${index}.${format}`);
        await makeGuestDisk(file, {
          sizeBytes: 64 * MiB,
          format,
          files: { 'known/hello': `hello from ${name} ${index}` },
        });
        return { file, format };
      }),
    );
    return await this.libvirt.defineGuest(name, { disks, ...more });
  }

  /** What of ours lies on the host. */
  async left(): Promise<readonly string[]> {
    const images = await readdir(join(this.libvirt.folder, 'images'));
    const sockets = await readdir(join(this.folder, 'data', 'sockets')).catch(() => []);
    return [...images.filter((name) => name.startsWith('.holdfast')), ...sockets];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const hypervisor of this.opened) await hypervisor.close(makeCall());
    await this.libvirt.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

export async function machineOf(hypervisor: Hypervisor, name: string): Promise<Machine> {
  const machine = (await all(hypervisor.machines(makeCall()))).find((one) => one.name === name);
  if (machine === undefined) throw new Error(`no machine ${name}`);
  return machine;
}

export const owned = (hypervisor: Hypervisor): Promise<readonly OwnedThing[]> => all(hypervisor.owned(makeCall()));

/** All bytes of a disk of a snapshot. */
export async function bytesOf(hypervisor: Hypervisor, ref: DiskRef): Promise<Buffer> {
  const call = makeCall();
  const source = (await hypervisor.openDisk(ref, call)) as NbdSource;
  try {
    await using client = await NbdClient.connect(source.address, { export: source.export });
    const bytes = Buffer.alloc(client.sizeBytes);
    await client.read(bytes, 0);
    return bytes;
  } finally {
    await hypervisor.closeDisk(source, call);
  }
}

/** A copy of a disk brought up to date by what changed alone. */
export async function updated(
  before: Buffer,
  changes: readonly Extent[],
  hypervisor: Hypervisor,
  ref: DiskRef,
): Promise<Buffer> {
  const after = Buffer.from(before);
  const source = (await hypervisor.openDisk(ref, makeCall())) as NbdSource;
  try {
    await using client = await NbdClient.connect(source.address, { export: source.export });
    for (const { offset, length } of changes) await client.read(after.subarray(offset, offset + length), offset);
  } finally {
    await hypervisor.closeDisk(source, makeCall());
  }
  return after;
}

/** Writes bytes to a disk that is open for writing. */
export async function fill(sink: NbdSource, bytes: Buffer): Promise<void> {
  await using client = await NbdClient.connect(sink.address, { export: sink.export });
  await client.write(bytes, 0);
}
