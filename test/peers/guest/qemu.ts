import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildGuest } from './build.ts';
import { Child } from './child.ts';
import { type Console, Consoles } from './console.ts';
import { Monitor } from './monitor.ts';

export interface QemuWish {
  /** Where its sockets go. The path stays under 80 characters, for sockets have no longer names. */
  readonly folder: string;
  readonly name: string;
  readonly disks: readonly {
    readonly file: string;
    readonly format: 'qcow2' | 'raw';
    readonly bus?: 'virtio' | 'scsi';
  }[];
  /** Default is 160. */
  readonly memoryMiB?: number;
  /** Whether it has a guest agent. Default is true. */
  readonly agent?: boolean;
  /** Waits for a migration instead of booting: QEMU's `-incoming`, for example `defer`. */
  readonly incoming?: string;
  /** Whether it writes all the time. Default is true. */
  readonly writes?: boolean;
  /** More arguments of QEMU. */
  readonly more?: readonly string[];
}

/**
 * A guest in a QEMU of its own: NAME.qmp and NAME.qga in its folder are for whoever is tested; NAME.monitor is the
 * tests' own monitor, for one of QEMU's takes one client at a time. Disks are block nodes `d0`, `d1` over `f0`, `f1`.
 */
export class Guest {
  readonly name: string;
  readonly qmp: string;
  readonly agent: string;
  readonly child: Child;
  readonly monitor: Monitor;
  readonly console: Console;
  readonly #consoles: Consoles;

  constructor(wish: QemuWish, child: Child, monitor: Monitor, console: Console, consoles: Consoles) {
    this.name = wish.name;
    this.qmp = join(wish.folder, `${wish.name}.qmp`);
    this.agent = join(wish.folder, `${wish.name}.qga`);
    this.child = child;
    this.monitor = monitor;
    this.console = console;
    this.#consoles = consoles;
  }

  /** Runs a command in the guest; fails when the command does. */
  sh(command: string, limitMs?: number): Promise<string> {
    return this.console.sh(command, limitMs);
  }

  waitFor(text: string | RegExp, limitMs?: number): Promise<RegExpMatchArray> {
    return this.console.waitFor(text, limitMs);
  }

  /** Ends QEMU as a failure of the host would: at once. Persistent bitmaps are lost. */
  async kill(): Promise<void> {
    await this.child.end('SIGKILL');
    await this.close();
  }

  /** Ends QEMU in order, as after a shutdown: its bitmaps are kept in the images. */
  async quit(): Promise<void> {
    await this.monitor.ask('quit').catch(() => {});
    await this.child.ended;
    await this.close();
  }

  /** Ends what is left of it. Idempotent. */
  async close(): Promise<void> {
    this.monitor.close();
    await this.child.end('SIGKILL');
    await this.#consoles.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Boots a guest and waits until it is ready (with `incoming`: until QEMU is). */
export async function startQemu(wish: QemuWish): Promise<Guest> {
  const image = await buildGuest();
  const at = (suffix: string): string => join(wish.folder, `${wish.name}.${suffix}`);
  for (const suffix of ['qmp', 'qga', 'monitor', 'console']) await rm(at(suffix), { force: true });
  const consoles = await Consoles.listen(at('console'));
  const socket = (id: string, suffix: string): string => `socket,id=${id},path=${at(suffix)},server=on,wait=off`;
  const disks = wish.disks.flatMap((disk, index) => [
    ...['-blockdev', `driver=file,filename=${disk.file},node-name=f${index},discard=unmap`],
    ...['-blockdev', `driver=${disk.format},file=f${index},node-name=d${index},discard=unmap`],
    '-device',
    disk.bus === 'scsi'
      ? `scsi-hd,bus=scsi.0,drive=d${index},id=disk${index}`
      : `virtio-blk-pci,drive=d${index},id=disk${index}`,
  ]);
  const hasScsi = wish.disks.some((disk) => disk.bus === 'scsi');
  const agent = ['-chardev', socket('qga', 'qga'), '-device', 'virtserialport,chardev=qga,name=org.qemu.guest_agent.0'];
  const child = new Child('qemu-system-x86_64', [
    ...[
      '-name',
      wish.name,
      '-accel',
      'tcg',
      '-cpu',
      'qemu64,+rdrand',
      '-machine',
      'pc',
      '-m',
      `${wish.memoryMiB ?? 160}`,
      '-smp',
      '1',
    ],
    ...['-display', 'none', '-nodefaults', '-no-reboot', '-kernel', image.kernel, '-initrd', image.initrd],
    ...['-append', `${image.cmdline} guest.name=${wish.name}${wish.writes === false ? ' guest.quiet=1' : ''}`],
    ...['-chardev', `socket,id=console,path=${consoles.socket}`, '-serial', 'chardev:console'],
    ...['-chardev', socket('qmp', 'qmp'), '-mon', 'chardev=qmp,mode=control'],
    ...['-chardev', socket('monitor', 'monitor'), '-mon', 'chardev=monitor,mode=control'],
    ...['-device', 'virtio-serial-pci,id=ports', ...(wish.agent === false ? [] : agent)],
    ...(hasScsi ? ['-device', 'virtio-scsi-pci,id=scsi'] : []),
    ...disks,
    ...(wish.incoming === undefined ? [] : ['-incoming', wish.incoming]),
    ...(wish.more ?? []),
  ]);
  try {
    const stopped = child.ended.then(() =>
      Promise.reject(new Error(`QEMU has ended: ${child.said || consoles.said()}`)),
    );
    const [console, monitor] = await Promise.race([
      Promise.all([consoles.next(), Monitor.open(at('monitor'))]),
      stopped,
    ]);
    stopped.catch(() => {});
    if (wish.incoming === undefined) await Promise.race([console.waitFor('GUEST-READY'), stopped]);
    return new Guest(wish, child, monitor, console, consoles);
  } catch (cause) {
    await child.end();
    await consoles.close();
    throw cause;
  }
}
