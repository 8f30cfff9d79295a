import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import type { Server, ServerOptions } from '../../core/server/contract.ts';
import { newKeyPair } from '../../core/server/key-pair.ts';
import { openServer } from '../../core/server/open.ts';
import type { Role } from '../../core/shell/access/contract.ts';
import { AuditedHere, deskOf, EchoBench, KnownUsers, PatternPoints, runFakeCommand } from './fakes.ts';

/** A server on the loopback with fakes behind it, users with keys, and a folder for all files. */
export class RunningServer implements AsyncDisposable {
  readonly folder: string;
  readonly users = new KnownUsers();
  readonly audit = new AuditedHere();
  readonly benches: EchoBench[] = [];
  readonly logged: string[] = [];
  readonly #keys = new Map<string, string>();
  #server: Server | null = null;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async start(options: Partial<ServerOptions> = {}): Promise<RunningServer> {
    const running = new RunningServer(await mkdtemp(join(tmpdir(), 'holdfast-ssh-')));
    running.#server = await openServer({
      listen: { host: '127.0.0.1', port: 0 },
      dataFolder: join(running.folder, 'data'),
      access: running.users,
      audit: running.audit,
      deskFor: deskOf,
      openWorkbench: (tty, desk) => {
        const bench = new EchoBench(tty, desk);
        running.benches.push(bench);
        return bench;
      },
      openPlain: async ({ input, output, desk }) => {
        output.write(`plain ${desk.actor.name}\n`);
        for await (const line of input) output.write(`you said ${line}`);
        return 4;
      },
      execute: runFakeCommand,
      points: new PatternPoints([]),
      verifyTotp: async (_user, code) => code === '123456',
      colourDepth: (term) => (term.startsWith('xterm') ? '256' : 'mono'),
      log: (level, text) => void running.logged.push(`${level} ${text}`),
      now: () => Date.now(),
      ...options,
    });
    return running;
  }

  get server(): Server {
    if (this.#server === null) throw new Error('not started');
    return this.#server;
  }

  get port(): number {
    return this.server.port;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Adds somebody with a key of their own; answers the file of its private half. */
  async addUser(name: string, roles: readonly Role[], totp = false): Promise<string> {
    const { private: privateKey, public: publicKey } = newKeyPair();
    await this.users.saveUser({ name, roles, keys: [publicKey], totp, addedAt: 0 });
    this.#keys.set(name, privateKey);
    const file = this.path(`${name}.key`);
    await writeFile(file, privateKey, { mode: 0o600 });
    return file;
  }

  /** Private half of somebody's key. */
  keyOf(name: string): string {
    return this.#keys.get(name) ?? '';
  }

  /** Logs somebody in through the ssh2 client. */
  async connect(name: string, config: ConnectConfig = {}): Promise<ConnectedClient> {
    const client = new ssh2.Client();
    const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
    client.on('error', () => {});
    await new Promise<void>((resolve, reject) => {
      client
        .once('ready', resolve)
        .once('error', reject)
        .once('close', () => reject(new Error('closed')));
      const privateKey = this.#keys.get(name);
      client.connect({
        host: '127.0.0.1',
        port: this.port,
        username: name,
        ...(privateKey === undefined ? {} : { privateKey }),
        ...config,
      });
    });
    // Small requests one after another would wait 40 ms each.
    client.setNoDelay(true);
    return new ConnectedClient(client, closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
    // What sftp fetched is read-only, folders too: only root could remove it so.
    await promisify(execFile)('chmod', ['-R', 'u+w', this.folder]).catch(() => {});
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A client that has logged in. */
export class ConnectedClient implements AsyncDisposable {
  readonly client: Client;
  readonly closed: Promise<void>;

  constructor(client: Client, closed: Promise<void>) {
    this.client = client;
    this.closed = closed;
  }

  /** Runs a command line to its end. */
  async run(
    line: string,
    input = '',
  ): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
      this.client.exec(line, (error, opened) => (error === undefined ? resolve(opened) : reject(error)));
    });
    let [stdout, stderr] = ['', ''];
    channel.on('data', (bytes: Buffer) => {
      stdout += bytes.toString('latin1');
    });
    channel.stderr.on('data', (bytes: Buffer) => {
      stderr += bytes.toString('latin1');
    });
    channel.end(input);
    const code = await new Promise<number | null>((resolve) => channel.on('close', resolve));
    const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');
    return { code, stdout: utf8(stdout), stderr: utf8(stderr) };
  }

  shell(
    size: { readonly cols: number; readonly rows: number } | false = { cols: 80, rows: 24 },
  ): Promise<ssh2.ClientChannel> {
    return new Promise((resolve, reject) => {
      const done = (error: Error | undefined, channel: ssh2.ClientChannel): void =>
        error === undefined ? resolve(channel) : reject(error);
      if (size === false) this.client.shell(false, done);
      else this.client.shell({ term: 'xterm-256color', ...size }, done);
    });
  }

  sftp(): Promise<ssh2.SFTPWrapper> {
    return new Promise((resolve, reject) => {
      this.client.sftp((error, sftp) => (error === undefined ? resolve(sftp) : reject(error)));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.end();
    await this.closed;
  }
}

/** Collects what comes out of a channel and waits for text in it. */
export class Shown {
  text = '';
  readonly #waiting = new Set<() => void>();

  constructor(channel: NodeJS.ReadableStream) {
    channel.on('data', (bytes: Buffer) => this.add(bytes.toString()));
  }

  add(text: string): void {
    this.text += text;
    for (const look of [...this.#waiting]) look();
  }

  /** Waits until this stands there. */
  until(wanted: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.text.includes(wanted)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }
}

/** Waits until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}
