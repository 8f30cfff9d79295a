import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const launcher = join(import.meta.dirname, '../../core/cli/holdfast.js');

/** How a command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line that is under way. */
export interface Underway {
  readonly child: ChildProcess;
  /** What it has said on both outputs so far. */
  said(): string;
  /** Waits until it has said something; fails when it ends before. */
  says(text: string | RegExp): Promise<RegExpMatchArray>;
  readonly ended: Promise<Ended>;
}

/** The real program as a child, in a home of its own with a repository in it. */
export class Installation implements AsyncDisposable {
  readonly home: string;
  /** More environment for the next command lines. */
  env: Readonly<Record<string, string>> = {};

  private constructor(home: string) {
    this.home = home;
  }

  /** Makes the repository `main`. */
  static async make(): Promise<Installation> {
    const made = new Installation(await mkdtemp(join(tmpdir(), 'holdfast-peers-')));
    const words = made.path('words.txt');
    await made.must('init', '--target', 'main', '--path', made.path('backup'), '--recovery-file', words, '--yes');
    return made;
  }

  path(...parts: readonly string[]): string {
    return join(this.home, ...parts);
  }

  start(...words: readonly string[]): Underway {
    const env = { HOME: this.home, PATH: process.env.PATH ?? '', LANG: 'C.UTF-8', ...this.env };
    // It dies with the test, should that be cut short; what it starts itself does not.
    const fate = ['--pdeathsig', 'KILL', '--', process.execPath];
    const argv = [...fate, launcher, '--home', this.path('installation'), ...words];
    const child = spawn('setpriv', argv, { cwd: this.home, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let look = (): void => {};
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      look();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      look();
    });
    const ended = new Promise<Ended>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
    const said = (): string => stderr + stdout;
    const says = (text: string | RegExp): Promise<RegExpMatchArray> =>
      new Promise((resolve, reject) => {
        const pattern = typeof text === 'string' ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : text;
        look = () => {
          const found = said().match(pattern);
          if (found !== null) resolve(found);
        };
        look();
        void ended.then(() => reject(new Error(`${words.join(' ')} ended before it said ${pattern}: ${said()}`)));
      });
    return { child, said, says, ended };
  }

  run(...words: readonly string[]): Promise<Ended> {
    return this.start(...words).ended;
  }

  /** As `run`, for what must succeed. */
  async must(...words: readonly string[]): Promise<string> {
    const { code, signal, stdout, stderr } = await this.run(...words);
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code ?? signal}: ${stderr}${stdout}`);
    return stdout;
  }

  async json<T>(...words: readonly string[]): Promise<T> {
    return JSON.parse(await this.must(...words, '--json')) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
