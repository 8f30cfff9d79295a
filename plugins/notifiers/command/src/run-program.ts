import { spawn } from 'node:child_process';

/** What is run, and with what. */
export interface Program {
  readonly program: string;
  readonly args: readonly string[];
  /** Given on standard input, then that is closed. */
  readonly input: string;
  readonly env: Readonly<Record<string, string>>;
  readonly limitMs: number;
}

/** How it ended; `said` is the beginning of its error output, on one line. */
export type Ended = { readonly said: string } & (
  | { readonly how: 'code'; readonly code: number }
  | { readonly how: 'signal'; readonly signal: string }
  | { readonly how: 'late' }
  | { readonly how: 'unstarted'; readonly why: string }
);

const keptBytes = 2048;
/** Between asking a program to end and ending it. */
const graceMs = 1000;

/**
 * Runs a program to its end, as the head of a process group of its own: what it started goes with it when it is late or no
 * longer wanted. Never throws.
 */
export async function runProgram(what: Program, signal: AbortSignal): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = start(what);
  if (child === null) return { how: 'unstarted', why: 'its arguments cannot be handed over', said: '' };
  const { input, limitMs } = what;
  let errors = Buffer.alloc(0);
  let isLate = false;
  let killTimer: NodeJS.Timeout | null = null;
  const said = (): string => errors.toString('utf8').replaceAll(/\s+/g, ' ').trim().slice(0, 500);
  const kill = (how: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, how);
    } catch {
      // The whole group is gone.
    }
  };
  const end = (): void => {
    kill('SIGTERM');
    killTimer ??= setTimeout(() => {
      kill('SIGKILL');
      // A grandchild that left the group may keep the pipe open for ever.
      child.stderr.destroy();
    }, graceMs);
  };
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, limitMs);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  child.stderr.on('data', (chunk: Buffer) => {
    if (errors.length < keptBytes) errors = Buffer.concat([errors, chunk]).subarray(0, keptBytes);
  });
  // A program that does not read its input is free not to.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  child.on('error', (thrown) =>
    resolve({ how: 'unstarted', why: 'code' in thrown ? String(thrown.code) : thrown.message, said: '' }),
  );
  child.on('exit', (code, signalName) => {
    // What it started goes with it when it was late; else it may leave somebody behind who does the work.
    if (isLate || signal.aborted) kill('SIGKILL');
    setImmediate(() => {
      if (isLate) resolve({ how: 'late', said: said() });
      else if (code !== null) resolve({ how: 'code', code, said: said() });
      else resolve({ how: 'signal', signal: signalName ?? 'a signal', said: said() });
    });
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    if (killTimer !== null) clearTimeout(killTimer);
    signal.removeEventListener('abort', end);
    child.stderr.destroy();
  }
}

function start({ program, args, env }: Program) {
  try {
    return spawn(program, args, { cwd: '/', env, detached: true, stdio: ['pipe', 'ignore', 'pipe'] });
  } catch {
    return null;
  }
}
