import { type ChildProcess, spawn } from 'node:child_process';
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildGuest } from './build.ts';
import { Child, until } from './child.ts';
import { type Console, Consoles } from './console.ts';
import { run } from './run.ts';

/** Who libvirt and its machines run as when the tests are root's: nobody, as in a session of an ordinary user. */
const nobody = 65_534;

export interface LibvirtGuestWish {
  readonly disks: readonly { readonly file: string; readonly format: 'qcow2' | 'raw' }[];
  /** Default is 160. */
  readonly memoryMiB?: number;
  /** Whether it has a guest agent. Default is true. */
  readonly agent?: boolean;
  /** Whether it writes all the time. Default is true. */
  readonly writes?: boolean;
}

/**
 * A libvirtd of one's own, in a folder of its own, with nothing of the machine's own libvirt: a session as an
 * ordinary user has it. Whatever lies in the folder belongs to the user that it runs as: call `give` for disks made later.
 */
export class Libvirt {
  readonly folder: string;
  /** For `virsh -c` and for the endpoint. */
  readonly uri: string;
  /** For programs that are to find this libvirt by themselves. */
  readonly env: NodeJS.ProcessEnv;
  /** Where machines open their console, one after the other. */
  readonly consoles: Consoles;
  readonly #daemon: Child;
  readonly #user: number | undefined;
  /** Machines of libvirt live on without it. It ends them when the test's process has died. */
  readonly #reaper: ChildProcess;

  private constructor(
    folder: string,
    env: NodeJS.ProcessEnv,
    daemon: Child,
    consoles: Consoles,
    user: number | undefined,
  ) {
    this.folder = folder;
    this.env = env;
    this.uri = `qemu:///session?socket=${folder}/run/libvirt/libvirt-sock`;
    this.consoles = consoles;
    this.#daemon = daemon;
    this.#user = user;
    const reap = `read -r _; for file in run/libvirt/qemu/run/*.pid; do kill -9 "$(cat "$file")"; done`;
    this.#reaper = spawn('sh', ['-c', reap], { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    this.#reaper.on('error', () => {});
  }

  static async start(folder: string): Promise<Libvirt> {
    const user = process.getuid?.() === 0 ? nobody : undefined;
    const at = (name: string): string => join(folder, name);
    for (const name of ['.', 'run', 'config/libvirt', 'cache', 'home', 'images', 'scratch'])
      await mkdir(at(name), { recursive: true });
    // Output of machines straight into files, and no daemon for logs that outlives the test.
    await writeFile(at('config/libvirt/qemu.conf'), 'stdio_handler = "file"\n');
    if (user !== undefined) await run('chown', ['-R', `${user}:${user}`, folder]);
    const env = {
      PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`,
      HOME: at('home'),
      XDG_RUNTIME_DIR: at('run'),
      XDG_CONFIG_HOME: at('config'),
      XDG_CACHE_HOME: at('cache'),
    };
    const consoles = await Consoles.listen(at('console'));
    const daemon = new Child('libvirtd', [], { env, ...(user === undefined ? {} : { user }) });
    const libvirt = new Libvirt(folder, env, daemon, consoles, user);
    try {
      await until(`libvirtd answers: ${daemon.said}`, async () => {
        if (!daemon.isRunning) throw new Error(`libvirtd has ended: ${daemon.said}`);
        return await libvirt.virsh(['version']).catch(() => null);
      });
    } catch (cause) {
      await libvirt.close();
      throw cause;
    }
    return libvirt;
  }

  /** Runs the real virsh, as a person at this host would. */
  virsh(args: readonly string[]): Promise<string> {
    return run('virsh', ['-c', this.uri, ...args], this.env);
  }

  /** Lets libvirt's user have a file. */
  async give(path: string): Promise<void> {
    if (this.#user !== undefined) await chown(path, this.#user, this.#user);
  }

  /** Defines a machine, starts it and waits until it is ready. */
  async defineGuest(name: string, wish: LibvirtGuestWish): Promise<LibvirtGuest> {
    const file = join(this.folder, `${name}.xml`);
    for (const disk of wish.disks) await this.give(disk.file);
    await writeFile(file, await this.#definition(name, wish));
    await this.virsh(['define', file]);
    const guest = new LibvirtGuest(this, name, wish.agent !== false);
    await guest.start();
    return guest;
  }

  async #definition(name: string, wish: LibvirtGuestWish): Promise<string> {
    const image = await buildGuest();
    const disks = wish.disks.map(
      (disk, index) => `<disk type='file' device='disk'><driver name='qemu' type='${disk.format}' discard='unmap'/>
      <source file='${disk.file}'/><target dev='vd${'abcdefgh'[index]}' bus='virtio'/></disk>`,
    );
    const agent = `<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>`;
    return `<domain type='qemu'>
  <name>${name}</name><memory unit='MiB'>${wish.memoryMiB ?? 160}</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type><kernel>${image.kernel}</kernel><initrd>${image.initrd}</initrd>
    <cmdline>${image.cmdline} guest.name=${name}${wish.writes === false ? ' guest.quiet=1' : ''}</cmdline></os>
  <cpu mode='custom' match='exact' check='none'><model fallback='forbid'>qemu64</model><feature policy='require' name='rdrand'/></cpu>
  <features><acpi/></features><on_reboot>destroy</on_reboot>
  <devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
    ${disks.join('\n    ')}
    <serial type='unix'><source mode='connect' path='${this.consoles.socket}'/><target port='0'/></serial>
    ${wish.agent === false ? '' : agent}
    <memballoon model='none'/>
  </devices>
</domain>`;
  }

  /** Process of the QEMU of a machine, by libvirt's own note; `null` when it does not run. */
  async qemuPid(name: string): Promise<number | null> {
    const text = await readFile(join(this.folder, 'run/libvirt/qemu/run', `${name}.pid`), 'utf8').catch(() => '');
    return text === '' ? null : Number(text);
  }

  /** Ends all machines and libvirtd. Idempotent. */
  async close(): Promise<void> {
    for (const name of (await this.virsh(['list', '--name']).catch(() => ''))
      .split('\n')
      .filter((line) => line !== '')) {
      await this.virsh(['destroy', name]).catch(() => {});
    }
    this.#reaper.stdin?.end();
    await this.#daemon.end('SIGTERM');
    await this.consoles.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A machine of libvirt. It may be started, killed and started again: its console is that of the last boot. */
export class LibvirtGuest {
  /** Changes with `renamed`. */
  name: string;
  readonly #libvirt: Libvirt;
  readonly #hasAgent: boolean;
  #console: Console | undefined;

  constructor(libvirt: Libvirt, name: string, hasAgent: boolean) {
    this.#libvirt = libvirt;
    this.name = name;
    this.#hasAgent = hasAgent;
  }

  get console(): Console {
    if (this.#console === undefined) throw new Error(`${this.name} was not started`);
    return this.#console;
  }

  async start(): Promise<void> {
    await this.#libvirt.virsh(['start', this.name]);
    this.#console = await this.#libvirt.consoles.next();
    await this.#console.waitFor('GUEST-READY');
    // A backup that begins while the agent comes keeps libvirt 9.0 waiting for 30 s.
    if (this.#hasAgent)
      await until(`the agent of ${this.name} answers`, () =>
        this.#libvirt.virsh(['qemu-agent-command', this.name, '{"execute":"guest-ping"}']).catch(() => null),
      );
  }

  /** Runs a command in the guest; fails when the command does. */
  sh(command: string, limitMs?: number): Promise<string> {
    return this.console.sh(command, limitMs);
  }

  waitFor(text: string | RegExp, limitMs?: number): Promise<RegExpMatchArray> {
    return this.console.waitFor(text, limitMs);
  }

  /** Kills its QEMU as a failure of the host would, and waits until libvirt knows. */
  async kill(): Promise<void> {
    const pid = await this.#libvirt.qemuPid(this.name);
    if (pid === null) throw new Error(`${this.name} does not run`);
    process.kill(pid, 'SIGKILL');
    await this.#isOff();
  }

  /** Ends its QEMU in order, so that its bitmaps are kept. */
  async quit(): Promise<void> {
    await this.#libvirt.virsh(['destroy', this.name, '--graceful']);
    await this.#isOff();
  }

  #isOff(): Promise<boolean> {
    return until(`${this.name} is off`, async () =>
      (await this.#libvirt.virsh(['domstate', this.name])).startsWith('shut off'),
    );
  }
}

/** Starts a libvirtd of one's own in a folder; the folder is then its user's. Keep its path under 60 characters, for sockets lie in it. */
export const startLibvirt = (folder: string): Promise<Libvirt> => Libvirt.start(folder);
