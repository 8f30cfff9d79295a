import { type ChildProcess, spawn } from 'node:child_process';

/** A program started by a test. It dies with the test's process, even when that is killed. */
export class Child {
  readonly process: ChildProcess;
  /** What it said last on standard error, for messages. */
  said = '';
  readonly #ended: Promise<void>;

  constructor(
    program: string,
    args: readonly string[],
    how: { env?: NodeJS.ProcessEnv; cwd?: string; user?: number } = {},
  ) {
    const drop =
      how.user === undefined ? [] : [`--reuid=${how.user}`, `--regid=${how.user}`, '--clear-groups', '--inh-caps=-all'];
    this.process = spawn('setpriv', [...drop, '--pdeathsig', 'KILL', '--', program, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(how.env === undefined ? {} : { env: how.env }),
      ...(how.cwd === undefined ? {} : { cwd: how.cwd }),
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.said = (this.said + text).slice(-4000);
    });
    this.#ended = new Promise((resolve) => {
      this.process.once('close', () => resolve());
      this.process.once('error', (error) => {
        this.said += error.message;
        resolve();
      });
    });
  }

  get pid(): number {
    if (this.process.pid === undefined) throw new Error(`not started: ${this.said}`);
    return this.process.pid;
  }

  get isRunning(): boolean {
    return this.process.pid !== undefined && this.process.exitCode === null && this.process.signalCode === null;
  }

  /** Resolves when it has ended, by itself or not. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Sends a signal, and waits for the end where it is one that ends. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.isRunning) this.process.kill(signal);
    await this.#ended;
  }
}

/** Polls until there is an answer; after `limitMs` it fails and says what was awaited. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  limitMs = 30_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  while (true) {
    const seen = await look();
    if (seen !== null && seen !== undefined && seen !== false) return seen;
    if (performance.now() > end) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
