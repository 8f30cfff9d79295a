import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openTerminal, type Terminal } from './tmux.ts';

const root = join(import.meta.dirname, '../../..');

/** An installation of somebody new: an empty home, and a folder with a machine made from real files. */
export interface Newcomer extends AsyncDisposable {
  readonly home: string;
  readonly machines: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a command line from another shell; answers what it prints and its exit code. */
  command(...words: readonly string[]): Promise<{ readonly out: string; readonly err: string; readonly code: number }>;
  /** As `command`, for what must succeed. */
  must(...words: readonly string[]): Promise<string>;
  /** Opens the program in a terminal. */
  terminal(columns: number, rows: number, ...words: readonly string[]): Promise<Terminal>;
}

/** @param machine Name of the machine that is made for them. */
export async function newcomer(machine: string): Promise<Newcomer> {
  const home = await mkdtemp(join(tmpdir(), 'holdfast-newcomer-'));
  const machines = join(home, 'machines');
  const env = { HOME: home, PATH: process.env.PATH ?? '', LANG: 'C.UTF-8' };
  const program = [process.execPath, join(root, 'core/cli/holdfast.js')];
  const command: Newcomer['command'] = async (...words) => {
    const [node = '', ...rest] = [...program, ...words];
    try {
      const { stdout, stderr } = await promisify(execFile)(node, rest, { env, cwd: home, maxBuffer: 64 * 1024 * 1024 });
      return { out: stdout, err: stderr, code: 0 };
    } catch (failed) {
      const { stdout = '', stderr = '', code = 1 } = failed as { stdout?: string; stderr?: string; code?: number };
      return { out: stdout, err: stderr, code };
    }
  };
  const must: Newcomer['must'] = async (...words) => {
    const { out, err, code } = await command(...words);
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${err}`);
    return out;
  };
  await must('lab', 'make', machine, '--folder', machines, '--size', '24M', '--yes');
  return {
    home,
    machines,
    env,
    command,
    must,
    terminal: (columns, rows, ...words) =>
      openTerminal([...program, ...words], { columns, rows, env: { ...env, TERM: 'xterm-256color' }, cwd: home }),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }),
  };
}

/** Ready to protect: an endpoint and a target. */
export async function setUp(person: Newcomer): Promise<void> {
  await person.must('endpoint', 'add', 'lab', '--use', 'kvm', '--path', person.machines, '--yes');
  const words = join(person.home, 'words.txt');
  await person.must(
    'init',
    '--target',
    'main',
    '--path',
    join(person.home, 'backup'),
    '--recovery-file',
    words,
    '--yes',
  );
}
