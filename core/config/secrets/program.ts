import { spawn } from 'node:child_process';
import { cancelled } from '@holdfast/api';
import type { Environment } from '../environment.ts';

/** How a program ended. What it wrote to its error output is thrown away: it may hold the secret. */
export type ProgramEnd =
  | { readonly kind: 'done'; readonly output: Buffer }
  | { readonly kind: 'failed'; readonly exit: number | null; readonly killedBy: NodeJS.Signals | null }
  | { readonly kind: 'absent'; readonly errno: string }
  | { readonly kind: 'too-slow' }
  | { readonly kind: 'too-much' };

export interface ProgramLimits {
  readonly maxMs: number;
  readonly maxBytes: number;
}

/** Variables that no other program needs to see. */
const ownVariables = new Set(['HOLDFAST_SEAL_PASSPHRASE']);

/**
 * Runs a program without a shell, in a process group of its own, which is killed as a whole when it takes too long, writes too
 * much or is no longer wanted. It has no input.
 * @throws `CANCELLED`.
 */
export async function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  env: Environment,
  limits: ProgramLimits,
  signal: AbortSignal,
): Promise<ProgramEnd> {
  if (signal.aborted) throw cancelled(`running ${program}`);
  const { promise, resolve, reject } = Promise.withResolvers<ProgramEnd>();
  const child = spawn(program, args, {
    cwd: '/',
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !ownVariables.has(name))),
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: false,
    detached: true,
    windowsHide: true,
  });
  const kill = () => killGroup(child.pid);
  const cancel = () => {
    kill();
    reject(cancelled(`running ${program}`));
  };
  const timer = setTimeout(() => {
    kill();
    resolve({ kind: 'too-slow' });
  }, limits.maxMs);
  signal.addEventListener('abort', cancel, { once: true });
  const chunks: Buffer[] = [];
  let length = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= limits.maxBytes) chunks.push(chunk);
    else {
      kill();
      resolve({ kind: 'too-much' });
    }
  });
  child.on('error', (error: NodeJS.ErrnoException) => resolve({ kind: 'absent', errno: error.code ?? error.name }));
  child.on('close', (exit, killedBy) => {
    if (exit === 0) resolve({ kind: 'done', output: Buffer.concat(chunks) });
    else resolve({ kind: 'failed', exit, killedBy });
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    child.stdout.destroy();
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
