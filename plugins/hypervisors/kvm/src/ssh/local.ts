import { spawn } from 'node:child_process';
import { access } from 'node:fs/promises';
import { cancelled, HoldfastError } from '@holdfast/api';
import type { WatchdogPipes } from '../live/watchdog.ts';
import { systemCode } from '../system-code.ts';
import type { Host, Reached, Running, RunOptions, RunResult } from './host.ts';
import { Collected, defaultMaxBytes, defaultTimeoutMs, linesOf } from './host.ts';

/** Programs say things in English and in UTF-8 whatever the user's language, for their output is read. */
export const languageWords = ['env', 'LC_ALL=C.UTF-8', 'LANGUAGE=C'] as const;
const language = { LC_ALL: 'C.UTF-8', LANGUAGE: 'C' };

/** This machine. */
export class LocalHost implements Host {
  readonly title = 'this machine';
  readonly isLocal = true;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.#environment = { ...environment, ...language, PATH: `${environment.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin` };
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const [program, ...args] = argv;
    if (program === undefined) throw new RangeError('nothing to run');
    const { signal, timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes } = options;
    if (signal?.aborted) return Promise.reject(cancelled(program));
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { env: this.#environment, stdio: ['pipe', 'pipe', 'pipe'] });
      const out = new Collected(maxBytes);
      const err = new Collected(maxBytes);
      let why: HoldfastError | null = null;
      const end = (error: HoldfastError): void => {
        why ??= error;
        child.kill('SIGKILL');
      };
      const cancel = (): void => end(cancelled(program));
      const timer = setTimeout(() => end(tookTooLong(program, this.title, timeoutMs)), timeoutMs);
      signal?.addEventListener('abort', cancel, { once: true });
      child.stdout.on('data', (part: Buffer) => out.add(part) || end(saidTooMuch(program, this.title)));
      child.stderr.on('data', (part: Buffer) => err.add(part) || end(saidTooMuch(program, this.title)));
      // A program may end without reading what it is given.
      child.stdin.on('error', () => {});
      child.stdin.end(options.input ?? '');
      const over = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
      };
      child.once('error', (thrown) => {
        over();
        if (systemCode(thrown) === 'ENOENT') {
          resolve({ exitCode: 127, stdout: '', stderr: `${program}: not found` });
        } else reject(unrunnable(program, this.title, thrown));
      });
      child.once('close', (code, by) => {
        over();
        if (why !== null) reject(why);
        else resolve({ exitCode: code ?? (by === null ? 1 : 137), stdout: out.text(), stderr: err.text() });
      });
    });
  }

  async start(argv: readonly string[], signal: AbortSignal): Promise<Running> {
    const [program, ...args] = argv;
    if (program === undefined) throw new RangeError('nothing to run');
    const child = spawn(program, args, { env: this.#environment, stdio: ['ignore', 'pipe', 'ignore'] });
    const closed = new Promise<void>((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
    const end = (): void => {
      child.kill('SIGTERM');
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    return {
      lines: linesOf(child.stdout),
      async [Symbol.asyncDispose]() {
        signal.removeEventListener('abort', end);
        end();
        child.stdout.destroy();
        await closed;
      },
    };
  }

  async detach(argv: readonly string[]): Promise<WatchdogPipes> {
    const [program, ...args] = argv;
    if (program === undefined) throw new RangeError('nothing to run');
    const child = spawn(program, args, {
      env: this.#environment,
      detached: true,
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', () => resolve());
      child.once('error', (thrown) => reject(unrunnable(program, this.title, thrown)));
    });
    // Neither it nor its pipes keep this process alive.
    child.unref();
    for (const pipe of [child.stdin, child.stdout])
      if ('unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
    return { input: child.stdin, output: child.stdout };
  }

  async reach(socket: string): Promise<Reached> {
    await access(socket).catch((cause: unknown) => {
      throw new HoldfastError('ENDPOINT_UNREACHABLE', `the socket ${socket} is not there, or may not be reached`, {
        cause,
      });
    });
    return { path: socket, [Symbol.asyncDispose]: async () => {} };
  }

  async close(): Promise<void> {}
}

export function tookTooLong(program: string, where: string, timeoutMs: number): HoldfastError {
  return new HoldfastError('TIMEOUT', `${program} on ${where} took longer than ${timeoutMs} ms and was ended`, {
    facts: { program, timeoutMs },
  });
}

export function saidTooMuch(program: string, where: string): HoldfastError {
  return new HoldfastError('ENDPOINT_UNREACHABLE', `${program} on ${where} says more than anything could need`, {
    facts: { program },
  });
}

function unrunnable(program: string, where: string, cause: unknown): HoldfastError {
  return new HoldfastError('ENDPOINT_UNREACHABLE', `${program} cannot be run on ${where}: ${systemCode(cause)}`, {
    cause,
  });
}
