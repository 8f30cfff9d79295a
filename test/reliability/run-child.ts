import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { compileCacheFolder } from '../repository/compile-cache.ts';
import type { ChildWish } from './backup.ts';

/** How a child ended, and what it said. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The restore point that it acknowledged, if it did. */
  readonly committed: string | null;
  readonly errors: string;
  /** From `begun` to the end. */
  readonly backupMs: number;
}

const CHILD = join(import.meta.dirname, 'backup-child.ts');

/**
 * Runs one backup in a process of its own.
 * @param wrapper Program and arguments to run it under, for example strace.
 * @param onBegun Called as soon as the backup begins; may kill it.
 */
export function runChild(
  wish: ChildWish,
  wrapper: readonly string[] = [],
  onBegun: (child: ChildProcess) => void = () => {},
): Promise<Outcome> {
  const [program = process.execPath, ...rest] = [...wrapper, process.execPath, CHILD, JSON.stringify(wish)];
  // Modules are read once and not for each child anew.
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCacheFolder };
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  let errors = '';
  let begunAt = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (begunAt > 0 || !said.includes('begun\n')) return;
    begunAt = performance.now();
    onBegun(child);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      const committed = /^committed ([0-9a-f]{32})$/m.exec(said)?.[1] ?? null;
      resolve({ exitCode, signal, committed, errors, backupMs: performance.now() - begunAt });
    });
  });
}
