import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Arguments with which Node says that it is an older one, before the launcher looks. */
export const pretendOlderNode: readonly string[] = [
  '--import',
  'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.11.1"})',
];

const launcher = join(import.meta.dirname, '../../core/cli/holdfast.js');

/** How a command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
  readonly launcher?: string;
  /** Sees what comes out, and may signal the process. */
  readonly onOutput?: (text: string, child: ChildProcessWithoutNullStreams) => void;
}

/** An empty home, removed at the end, and the program run in it as a child without a terminal. */
export class TemporaryHome implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(): Promise<TemporaryHome> {
    return new TemporaryHome(await mkdtemp(join(tmpdir(), 'holdfast-home-')));
  }

  path(...parts: readonly string[]): string {
    return join(this.folder, ...parts);
  }

  run(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const env = { HOME: this.folder, PATH: process.env.PATH ?? '', ...options.env };
    const argv = [...(options.nodeArgs ?? []), options.launcher ?? launcher, ...args];
    const child = spawn(process.execPath, argv, { cwd: this.folder, env, stdio: 'pipe' });
    child.stdin.end();
    let stdout = '';
    let stderr = '';
    const note = (text: string): void => options.onOutput?.(text, child);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      note(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      note(text);
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
