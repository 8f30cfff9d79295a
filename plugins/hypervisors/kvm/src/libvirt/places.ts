import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import type { Host } from '../ssh/host.ts';
import { mustScript } from './script.ts';
import type { LibvirtSettings } from './settings.ts';
import type { SocketFolder } from './sockets.ts';
import { socketName } from './sockets.ts';

/** Who works on a host. */
export interface HostUsers {
  /** Whom Holdfast's programs run as there. */
  readonly self: number;
  /** Whom QEMU runs as. */
  readonly qemu: number;
  readonly home: string;
  /** A folder for sockets that both reach. */
  readonly shared: string;
  /** A folder for sockets of ours alone. */
  readonly own: string;
  /** The name of the host. */
  readonly name: string;
}

/** Where sockets of a QEMU go that runs as somebody else: made by root, so named in the manifest. */
export const sharedRoot = '/run/holdfast-libvirt';

/** Nothing is made by it. */
const whoScript = `
me=$(id -u) || exit 1
case $1 in
  qemu:///system*) q=$(stat -c %u /var/lib/libvirt/qemu 2>/dev/null || echo "$me") ;;
  *socket=*) q=$(stat -c %u "\${1#*socket=}" 2>/dev/null || echo "$me") ;;
  *) q=$me ;;
esac
run=/tmp/holdfast-$me
if [ -n "$XDG_RUNTIME_DIR" ] && [ -d "$XDG_RUNTIME_DIR" ] && [ -O "$XDG_RUNTIME_DIR" ]; then run=$XDG_RUNTIME_DIR/holdfast; fi
printf '%s\\n%s\\n%s\\n%s\\n%s\\n' "$me" "$q" "$HOME" "$run" "$(uname -n)"
`;

/** A folder of ours: made for its owner alone, never one that somebody else put there, never through a link. */
const folderScript = `
umask 077
[ -d "$1" ] || mkdir -p "$1" || exit 1
[ ! -L "$1" ] || { echo "$1 is a link" >&2; exit 1; }
[ -O "$1" ] || [ "$(stat -c %u "$1")" = "$2" ] || { echo "$1 belongs to somebody else" >&2; exit 1; }
chmod 0700 "$1" && { [ "$(id -u)" = "$2" ] || chown "$2" "$1"; }
`;

/** Where things of ours are on a host. */
export class Places {
  readonly #host: Host;
  readonly #settings: LibvirtSettings;
  readonly #sockets: SocketFolder;
  #users: Promise<HostUsers> | null = null;

  constructor(host: Host, settings: LibvirtSettings, sockets: SocketFolder) {
    this.#host = host;
    this.#settings = settings;
    this.#sockets = sockets;
  }

  users(): Promise<HostUsers> {
    this.#users ??= this.#look().catch((thrown: unknown) => {
      this.#users = null;
      throw thrown;
    });
    return this.#users;
  }

  /** A path on the host for a socket that QEMU itself makes. @throws `PERMISSION_DENIED` where that could not be reached. */
  async qemuSocket(): Promise<string> {
    const users = await this.users();
    if (users.self === users.qemu) return await this.ownSocket();
    if (users.self !== 0) throw otherUser(this.#host, users);
    await mustScript(
      this.#host,
      `no folder for sockets`,
      '[ -d "$1" ] || mkdir -m 0755 "$1" 2>/dev/null || [ -d "$1" ]',
      [sharedRoot],
    );
    await mustScript(this.#host, 'no folder for sockets', folderScript, [users.shared, String(users.qemu)]);
    return join(users.shared, socketName());
  }

  /** A path on the host for a socket of a program that we start. */
  async ownSocket(): Promise<string> {
    if (this.#host.isLocal) return await this.#sockets.next();
    const users = await this.users();
    await mustScript(this.#host, 'no folder for sockets', folderScript, [users.own, String(users.self)]);
    return join(users.own, socketName());
  }

  /** Folder for disks of restored machines. */
  async images(): Promise<string> {
    if (this.#settings.images !== null) return this.#settings.images;
    if (this.#settings.uri.startsWith('qemu:///system')) return '/var/lib/libvirt/images';
    return join((await this.users()).home, '.local/share/libvirt/images');
  }

  /** Folder for what a backup of a machine needs, with that of its first disk to fall back to. */
  workFolder(firstDisk: string): string {
    return join(this.#settings.scratch ?? firstDisk, workName);
  }

  /** All folders that may hold things of ours, given those of the first disks of all machines. */
  async workFolders(disks: Iterable<string>): Promise<readonly string[]> {
    const scratch = this.#settings.scratch;
    const all = new Set([await this.images(), ...(scratch === null ? disks : [scratch])]);
    return [...all].map((folder) => join(folder, workName));
  }

  async #look(): Promise<HostUsers> {
    const said = await mustScript(this.#host, 'the host cannot be looked at', whoScript, [this.#settings.uri]);
    const [self, qemu, home = '', run = '', name = ''] = said.split('\n');
    const users = { self: Number(self), qemu: Number(qemu), home, name };
    if (!Number.isInteger(users.self) || !Number.isInteger(users.qemu) || !run.startsWith('/'))
      throw new HoldfastError('ENDPOINT_UNREACHABLE', `${this.#host.title} does not say who is at work there`, {
        remedy: 'the login shell must be a POSIX shell that prints nothing of its own',
      });
    return { ...users, own: run, shared: join(sharedRoot, String(users.qemu)) };
  }
}

/** Name of the folder of ours in a user's folder. */
export const workName = '.holdfast';

export function otherUser(host: Host, users: HostUsers): HoldfastError {
  return new HoldfastError(
    'PERMISSION_DENIED',
    `QEMU runs as user ${users.qemu} on ${host.title} and Holdfast as ${users.self}: its sockets cannot be reached`,
    {
      remedy: 'log in as root, or as the user that QEMU runs as (`user` in /etc/libvirt/qemu.conf)',
      facts: { self: users.self, qemu: users.qemu },
    },
  );
}
