import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Newcomer } from './installation.ts';
import { openTerminal, type Terminal } from './tmux.ts';

const root = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** What an ssh client said, and its exit code. */
export interface Said {
  readonly out: Buffer;
  readonly err: string;
  readonly code: number;
}

/** A server of a newcomer's, and the real clients of OpenSSH. */
export interface Served extends AsyncDisposable {
  readonly port: number;
  /** What it has logged so far. */
  log(): string;
  /** Makes a user with a key of their own. */
  addUser(name: string, ...roles: readonly string[]): Promise<void>;
  /** Runs a command line by `ssh HOST …`. */
  ssh(user: string, line: string, input?: string): Promise<Said>;
  /** Runs sftp with these lines as its batch. */
  sftp(user: string, lines: readonly string[]): Promise<Said>;
  /** Opens the workbench by ssh in a terminal. */
  terminal(user: string, columns: number, rows: number): Promise<Terminal>;
}

export async function hasOpenSsh(): Promise<boolean> {
  return run('ssh', ['-V']).then(
    () => true,
    () => false,
  );
}

function collect(program: string, args: readonly string[], input: string, env: NodeJS.ProcessEnv): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.stderr.on('data', (bytes: Buffer) => err.push(bytes));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ out: Buffer.concat(out), err: Buffer.concat(err).toString(), code: code ?? -1 }),
    );
  });
}

/** Starts `holdfast serve` on a free port of the loopback. */
export async function serve(person: Newcomer): Promise<Served> {
  const program = [join(root, 'core/cli/holdfast.js'), 'serve', '--listen', '127.0.0.1:0'];
  const child = spawn(process.execPath, program, {
    env: person.env,
    cwd: person.home,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let said = '';
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const found = / port (\d+), host key/.exec(said);
      if (found !== null) resolve(Number(found[1]));
    });
    void ended.then(() => reject(new Error(`the server ended: ${said}`)));
  });
  const env = { ...person.env };
  const options = (user: string): readonly string[] => [
    ...['-F', '/dev/null', '-i', join(person.home, `${user}.key`), '-o', 'IdentitiesOnly=yes', '-o', 'LogLevel=ERROR'],
    ...['-o', 'StrictHostKeyChecking=no', '-o', `UserKnownHostsFile=${join(person.home, 'known-hosts')}`],
  ];
  return {
    port,
    log: () => said,
    async addUser(name, ...roles) {
      const key = join(person.home, `${name}.key`);
      await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
      const words = roles.flatMap((role) => ['--role', role]);
      await person.must('user', 'add', name, '--key', `${key}.pub`, ...words, '--yes');
    },
    ssh: (user, line, input = '') =>
      collect(
        'ssh',
        [...options(user), '-T', '-p', String(port), `${user}@127.0.0.1`, ...(line === '' ? [] : [line])],
        input,
        env,
      ),
    sftp: (user, lines) =>
      collect(
        'sftp',
        [...options(user), '-P', String(port), '-b', '-', `${user}@127.0.0.1`],
        `${lines.join('\n')}\n`,
        env,
      ),
    terminal: (user, columns, rows) =>
      openTerminal(['ssh', ...options(user), '-t', '-p', String(port), `${user}@127.0.0.1`], {
        columns,
        rows,
        env: { ...env, TERM: 'xterm-256color' },
        cwd: person.home,
      }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
