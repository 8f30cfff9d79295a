import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { Child, until } from './child.ts';
import { run } from './run.ts';

export interface SshdWish {
  /** Default is any free one. */
  readonly port?: number;
  /** Environment of what is run over it, for example libvirt's. */
  readonly env?: Readonly<Record<string, string>>;
  /** More lines of its configuration. */
  readonly config?: readonly string[];
}

/** A real OpenSSH server on the loopback, with a host key and one user's key of its own. */
export class Sshd {
  readonly port: number;
  /** Who logs in: the user that the tests run as. */
  readonly user = userInfo().username;
  /** Private key that logs in. */
  readonly keyFile: string;
  /** `SHA256:…` */
  readonly hostKeyFingerprint: string;
  readonly #child: Child;

  constructor(port: number, keyFile: string, hostKeyFingerprint: string, child: Child) {
    this.port = port;
    this.keyFile = keyFile;
    this.hostKeyFingerprint = hostKeyFingerprint;
    this.#child = child;
  }

  /** Processes of the sessions that are open now. To kill one is what a cut link looks like. */
  sessions(): Promise<readonly number[]> {
    return childrenOf(this.#child.pid);
  }

  /** Cuts all sessions at once; what they had started goes on. */
  async cut(): Promise<void> {
    for (const session of await this.sessions()) {
      for (const pid of [session, ...(await this.#servants(session))]) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It has gone by itself.
        }
      }
    }
  }

  /** For users other than root a session has a second process of sshd below the first. */
  async #servants(session: number): Promise<readonly number[]> {
    const below = await childrenOf(session);
    const names = await Promise.all(below.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')));
    return below.filter((_, index) => names[index]?.startsWith('sshd'));
  }

  async close(): Promise<void> {
    await this.cut();
    await this.#child.end('SIGTERM');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Starts an OpenSSH server whose keys and configuration lie in a folder. To change its host key, remove `host_key` there and start it anew. */
export async function startSshd(folder: string, wish: SshdWish = {}): Promise<Sshd> {
  const at = (name: string): string => join(folder, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of ['host_key', 'user_key']) {
    if (!existsSync(at(name))) await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', at(name)]);
  }
  await writeFile(at('authorized_keys'), await readFile(at('user_key.pub')));
  const port = wish.port ?? (await freePort());
  const variables = Object.entries(wish.env ?? {})
    .map(([name, value]) => `"${name}=${value}"`)
    .join(' ');
  const config = [
    ...(wish.config ?? []),
    ...(variables === '' ? [] : [`SetEnv ${variables}`]),
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${at('host_key')}`,
    `AuthorizedKeysFile ${at('authorized_keys')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'Subsystem sftp internal-sftp',
  ];
  await writeFile(at('sshd_config'), `${config.join('\n')}\n`);
  // Where it leaves its rights; only root's own server needs it.
  if (process.getuid?.() === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const program = (await run('/bin/sh', ['-c', 'PATH=$PATH:/usr/sbin:/sbin command -v sshd'])).trim();
  const child = new Child(program, ['-D', '-e', '-f', at('sshd_config')]);
  try {
    await until(`sshd listens: ${child.said}`, () => {
      if (!child.isRunning) throw new Error(`sshd has ended: ${child.said}`);
      return listens(port);
    });
  } catch (cause) {
    await child.end();
    throw cause;
  }
  const shown = await run('ssh-keygen', ['-l', '-E', 'sha256', '-f', at('host_key.pub')]);
  return new Sshd(port, at('user_key'), shown.split(' ')[1] ?? '', child);
}

async function childrenOf(pid: number): Promise<readonly number[]> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return listed.trim().split(/\s+/).filter(Boolean).map(Number);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
