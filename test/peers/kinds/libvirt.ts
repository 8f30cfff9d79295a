import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../guest/child.ts';
import { type GuestDiskWish, makeGuestDisk } from '../guest/disk.ts';
import { type Libvirt, type LibvirtGuest, startLibvirt } from '../guest/libvirt.ts';
import { run } from '../guest/run.ts';
import { type Sshd, startSshd } from '../guest/sshd.ts';
import type { Installation } from '../holdfast.ts';
import type { BootWish, Hold, Kind, LiveGuest, Restored } from './kind.ts';

/**
 * Between Holdfast and virsh. Freeze, backup and thaw are one line of virsh's own language: as long as a file is there, a wait is put into
 * that line, before the backup. What is waited for is that the description of a machine changes.
 */
const heldVirsh = (folder: string, real: string): string => `#!/bin/sh
case "$*" in *guest-fsfreeze-freeze*backup-begin*)
  if [ -e '${folder}/hold' ]; then
    for last; do :; done
    line=$(printf %s "$last" | sed 's/backup-begin/event --event metadata-change --timeout 120; &/')
    given=$# left=$#
    for word; do
      left=$((left - 1))
      [ "$left" -eq 0 ] || set -- "$@" "$word"
    done
    shift "$given"
    set -- "$@" "$line"
    echo $$ > '${folder}/held'
  fi ;;
esac
exec '${real}' "$@"
`;

/** libvirt, on this host or behind SSH. */
export class LibvirtKind implements Kind {
  readonly title: string;
  readonly folder: string;
  readonly libvirt: Libvirt;
  readonly env: Readonly<Record<string, string>>;
  /** The server that the way leads over, when it does. */
  ssh: Sshd | undefined;
  /** Environment of what is run over SSH. */
  readonly remoteEnv: Readonly<Record<string, string>>;

  readonly #guests: DefinedGuest[] = [];

  private constructor(folder: string, libvirt: Libvirt, path: string, ssh: Sshd | undefined) {
    this.title = ssh === undefined ? 'libvirt' : 'libvirt over SSH';
    this.folder = folder;
    this.libvirt = libvirt;
    this.ssh = ssh;
    this.env = ssh === undefined ? { PATH: path } : {};
    this.remoteEnv = { PATH: path };
  }

  static async start(over: 'here' | 'ssh'): Promise<LibvirtKind> {
    const folder = await mkdtemp(join(tmpdir(), 'hf-l-'));
    await chmod(folder, 0o755);
    const libvirt = await startLibvirt(join(folder, 'lv'));
    try {
      await mkdir(join(folder, 'bin'));
      const real = (await run('/bin/sh', ['-c', 'command -v virsh'])).trim();
      await writeFile(join(folder, 'bin/virsh'), heldVirsh(folder, real), { mode: 0o755 });
      const path = `${folder}/bin:${process.env.PATH ?? ''}`;
      const ssh = over === 'ssh' ? await startSshd(join(folder, 'ssh'), { env: { PATH: path } }) : undefined;
      return new LibvirtKind(folder, libvirt, path, ssh);
    } catch (cause) {
      await libvirt.close();
      throw cause;
    }
  }

  get endpoint(): readonly string[] {
    const { ssh, libvirt } = this;
    const set = { uri: libvirt.uri, images: join(libvirt.folder, 'images'), scratch: join(libvirt.folder, 'scratch') };
    const over =
      ssh === undefined
        ? {}
        : { host: `${ssh.user}@127.0.0.1:${ssh.port}`, hostKey: ssh.hostKeyFingerprint, key: `file:${ssh.keyFile}` };
    return [
      '--use',
      'libvirt',
      ...Object.entries({ ...set, ...over }).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
    ];
  }

  async boot(name: string, disks: readonly GuestDiskWish[], wish: BootWish = {}): Promise<DefinedGuest> {
    const files: { file: string; format: 'qcow2' | 'raw' }[] = [];
    for (const [index, disk] of disks.entries()) {
      const file = join(this.libvirt.folder, 'images', `${name}-${index}.${disk.format}`);
      await makeGuestDisk(file, disk);
      files.push({ file, format: disk.format });
    }
    const guest = new DefinedGuest(
      this.libvirt,
      await this.libvirt.defineGuest(name, { disks: files, ...wish }),
      files,
    );
    this.#guests.push(guest);
    return guest;
  }

  async hold(): Promise<Hold> {
    await rm(join(this.folder, 'held'), { force: true });
    await writeFile(join(this.folder, 'hold'), '');
    const held = (): Promise<string> => readFile(join(this.folder, 'held'), 'utf8').catch(() => '');
    const isFrozen = async (): Promise<boolean> => {
      if (!(await held()).endsWith('\n')) return false;
      const status = this.#guests.map(({ name }) =>
        this.libvirt.virsh(['qemu-agent-command', name, '{"execute":"guest-fsfreeze-status"}']).catch(() => ''),
      );
      return (await Promise.all(status)).some((text) => text.includes('frozen'));
    };
    return {
      reached: until('a guest is frozen and its backup about to begin', isFrozen).then(() => {}),
      release: async () => {
        await rm(join(this.folder, 'hold'), { force: true });
        const pid = (await held()).trim();
        if (pid === '') return;
        // Whoever waited goes on by itself, even when Holdfast is gone meanwhile: until then it is not over.
        await until('virsh is done', async () => {
          for (const { name } of this.#guests)
            await this.libvirt.virsh(['desc', name, '--live', `now ${performance.now()}`]);
          return !existsSync(`/proc/${pid}`);
        });
      },
    };
  }

  async tracking(guest: LiveGuest): Promise<readonly string[]> {
    const listed = await this.libvirt.virsh(['checkpoint-list', guest.name, '--name']);
    return listed
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
  }

  async dropTracking(guest: LiveGuest): Promise<void> {
    for (const one of await this.tracking(guest)) await this.libvirt.virsh(['checkpoint-delete', guest.name, one]);
  }

  async grow(guest: LiveGuest, key: string, sizeBytes: number): Promise<void> {
    await this.libvirt.virsh(['blockresize', guest.name, key, `${sizeBytes}B`]);
  }

  async rename(guest: LiveGuest, name: string): Promise<void> {
    await this.libvirt.virsh(['domrename', guest.name, name]);
    guest.name = name;
  }

  async bootRestored(installation: Installation, guest: LiveGuest): Promise<Restored> {
    const name = `${guest.name}-restored`;
    await installation.must('restore', 'machine', guest.name, '--as', name, '--yes');
    await this.libvirt.virsh(['start', name]);
    const console = await this.libvirt.consoles.next();
    await console.waitFor('GUEST-READY');
    return {
      sh: (command) => console.sh(command),
      known: () => console.known(),
      [Symbol.asyncDispose]: async () => {
        await this.libvirt.virsh(['destroy', name]);
        await this.libvirt.virsh(['undefine', name]);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ssh?.close();
    await this.libvirt.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export class DefinedGuest implements LiveGuest {
  readonly disks: ReadonlyMap<string, string>;
  readonly #libvirt: Libvirt;
  readonly #guest: LibvirtGuest;

  constructor(libvirt: Libvirt, guest: LibvirtGuest, files: readonly { readonly file: string }[]) {
    this.#libvirt = libvirt;
    this.#guest = guest;
    this.disks = new Map(files.map(({ file }, index) => [`vd${'abcd'[index]}`, file]));
  }

  get name(): string {
    return this.#guest.name;
  }

  set name(name: string) {
    this.#guest.name = name;
  }

  sh(command: string, limitMs?: number): Promise<string> {
    return this.#guest.sh(command, limitMs);
  }

  known(): Record<string, string> {
    return this.#guest.console.known();
  }

  async ask<T>(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const order = JSON.stringify({ execute, arguments: args });
    const answer = JSON.parse(await this.#libvirt.virsh(['qemu-monitor-command', this.name, order])) as {
      return?: T;
      error?: { readonly desc: string };
    };
    if (answer.error !== undefined) throw new Error(`${execute}: ${answer.error.desc}`);
    return answer.return as T;
  }

  kill(): Promise<void> {
    return this.#guest.kill();
  }

  quit(): Promise<void> {
    return this.#guest.quit();
  }

  start(): Promise<void> {
    return this.#guest.start();
  }
}
