import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GuestDiskWish } from '../guest/disk.ts';
import type { Installation } from '../holdfast.ts';

/** A machine that runs, whatever it runs in. */
export interface LiveGuest {
  name: string;
  /** Images by the key of their disk. */
  readonly disks: ReadonlyMap<string, string>;
  /** Runs a command in the guest; fails when the command does. */
  sh(command: string, limitMs?: number): Promise<string>;
  /** SHA-256 of each file under known/, as the last boot printed them. */
  known(): Record<string, string>;
  /** Asks its QEMU, past Holdfast. */
  ask<T>(execute: string, args?: Readonly<Record<string, unknown>>): Promise<T>;
  /** `kill -9` of its QEMU. */
  kill(): Promise<void>;
  /** Ends its QEMU in order. */
  quit(): Promise<void>;
  /** Boots it again. */
  start(): Promise<void>;
}

export interface BootWish {
  readonly agent?: boolean;
  readonly writes?: boolean;
}

/** A machine that was restored from a restore point, booted. */
export interface Restored extends AsyncDisposable {
  sh(command: string): Promise<string>;
  /** SHA-256 of each file under known/, as it printed them at boot. */
  known(): Record<string, string>;
}

/** A stop between freeze and thaw: whoever freezes a guest waits there. */
export interface Hold {
  /** Resolves when somebody waits, with the guest frozen. */
  readonly reached: Promise<void>;
  /** Lets go of who waits, and stops nobody any more. */
  release(): Promise<void>;
}

/** One of the ways in which Holdfast reaches machines; all scenarios run through each. */
export interface Kind extends AsyncDisposable {
  readonly title: string;
  /** All of it lies there. */
  readonly folder: string;
  /** Arguments of `endpoint add NAME`. */
  readonly endpoint: readonly string[];
  /** Environment of Holdfast. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes disks vda, vdb, … and boots a machine with them. */
  boot(name: string, disks: readonly GuestDiskWish[], wish?: BootWish): Promise<LiveGuest>;
  /** Stops the next transaction in which a backup begins, while the guest is frozen. */
  hold(): Promise<Hold>;
  /** What tracks changes of a machine now: names of bitmaps or checkpoints. */
  tracking(guest: LiveGuest): Promise<readonly string[]>;
  /** Removes that behind Holdfast's back. */
  dropTracking(guest: LiveGuest): Promise<void>;
  /** Gives a machine that is off another name, as its administrator would. */
  rename(guest: LiveGuest, name: string): Promise<void>;
  /** Restores the newest restore point of a machine under another name, and boots it. */
  bootRestored(installation: Installation, guest: LiveGuest): Promise<Restored>;
  /** Makes a disk larger, while it runs. */
  grow(guest: LiveGuest, key: string, sizeBytes: number): Promise<void>;
}

/** Everything of a backup that is in the world: what is served, what runs, scratch, processes. After a run it is empty. */
export async function leftovers(kind: Kind, guests: readonly LiveGuest[], home: string): Promise<readonly string[]> {
  const left: string[] = [];
  for (const guest of guests) {
    const exports = await guest.ask<readonly { readonly id: string }[]>('query-block-exports');
    for (const one of exports) left.push(`${guest.name} exports ${one.id}`);
    const jobs = await guest.ask<readonly { readonly id: string }[]>('query-jobs');
    for (const job of jobs) left.push(`${guest.name} has job ${job.id}`);
    const nodes = await guest.ask<readonly { readonly 'node-name': string }[]>('query-named-block-nodes', {
      flat: true,
    });
    for (const { 'node-name': node } of nodes) {
      if (!/^([df]\d|libvirt-\d+-(storage|format))$/.test(node)) left.push(`${guest.name} has node ${node}`);
    }
  }
  for (const file of await readdir(kind.folder, { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name);
    // What libvirt itself notes of checkpoints that are kept on purpose.
    if (file.isDirectory() || path.includes('/qemu/checkpoint/')) continue;
    if (path.slice(kind.folder.length).includes('holdfast') || path.startsWith(join(kind.folder, 'scratch/')))
      left.push(`file ${path}`);
  }
  return [
    ...left,
    ...(await processes([kind.folder, home])).map(({ pid, words }) => `process ${pid}: ${words.join(' ')}`),
  ];
}

interface Process {
  readonly pid: number;
  readonly words: readonly string[];
}

const peers = /^(\S*\/)?(qemu-system-x86_64|libvirtd|sshd)$|^sshd:/;

/** Processes that have to do with these folders, but for those of the peers themselves. */
export async function processes(folders: readonly string[]): Promise<readonly Process[]> {
  const found: Process[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    const concerns = folders.some((folder) => words.some((word) => word.includes(folder)));
    if (concerns && !peers.test(words[0] ?? '')) found.push({ pid, words });
  }
  return found;
}
