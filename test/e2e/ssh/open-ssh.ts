import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { RunningServer } from '../../server/running-server.ts';

/** How a program of OpenSSH ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Why tests with a program cannot run here; `null` when they can. */
export function missing(program: string): string | null {
  try {
    execFileSync('/bin/sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return null;
  } catch {
    return `${program} is not installed here`;
  }
}

/** The real `ssh` and `sftp`, against a server that runs in this process. No configuration, agent or known host of whoever runs the tests. */
export class OpenSsh {
  readonly #running: RunningServer;
  readonly #knownHosts: string;

  private constructor(running: RunningServer, knownHosts: string) {
    this.#running = running;
    this.#knownHosts = knownHosts;
  }

  static async for(running: RunningServer): Promise<OpenSsh> {
    const knownHosts = running.path('known_hosts');
    await writeFile(knownHosts, '');
    return new OpenSsh(running, knownHosts);
  }

  /** Options for one of our users; more come first, for the first one counts. */
  options(keyFile: string, more: readonly string[] = []): string[] {
    const fixed = [
      'IdentitiesOnly=yes',
      `IdentityFile=${keyFile}`,
      'StrictHostKeyChecking=accept-new',
      `UserKnownHostsFile=${this.#knownHosts}`,
      'LogLevel=ERROR',
      'ConnectTimeout=20',
    ];
    return ['-F', '/dev/null', ...[...more, ...fixed].flatMap((option) => ['-o', option])];
  }

  start(program: 'ssh' | 'sftp', args: readonly string[]): ChildProcessWithoutNullStreams {
    const { SSH_AUTH_SOCK: _agent, ...env } = process.env;
    return spawn(program, args, { env: { ...env, SSH_ASKPASS_REQUIRE: 'never' }, stdio: 'pipe' });
  }

  ssh(
    user: string,
    keyFile: string,
    line: readonly string[],
    input: string | Buffer = '',
    more: readonly string[] = [],
  ): Promise<Ended> {
    const options = this.options(keyFile, ['BatchMode=yes', ...more]);
    return ended(this.start('ssh', [...options, '-p', `${this.#running.port}`, `${user}@127.0.0.1`, ...line]), input);
  }

  /** Gives `sftp` a batch of commands. */
  sftp(
    user: string,
    keyFile: string,
    batch: readonly string[],
    args: readonly string[] = [],
    more: readonly string[] = [],
  ): Promise<Ended> {
    const options = this.options(keyFile, ['BatchMode=yes', ...more]);
    const all = [...args, '-b', '-', '-P', `${this.#running.port}`, ...options, `${user}@127.0.0.1`];
    return ended(this.start('sftp', all), `${batch.join('\n')}\n`);
  }
}

export function ended(child: ChildProcessWithoutNullStreams, input: string | Buffer): Promise<Ended> {
  const stdout: Buffer[] = [];
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => stdout.push(bytes));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout: Buffer.concat(stdout), stderr }));
  });
}
