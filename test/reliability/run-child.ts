import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { compileCacheFolder } from '../compile-cache.ts';
import type { ChildWish } from './backup.ts';

/** How a child ended, and what it said. */
export interface Outcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The restore point that it acknowledged last, if it did. */
  readonly committed: string | null;
  /** All that it acknowledged, in order. */
  readonly points: readonly string[];
  /** It got as far as its work; what failed before was its start. */
  readonly begun: boolean;
  readonly said: string;
  readonly errors: string;
  /** From `begun` to the end. */
  readonly tookMs: number;
}

/** Called with what the child has said so far, each time that it says something. */
export type Listener = (child: ChildProcess, said: string) => void;

const CHILD = join(import.meta.dirname, 'child.ts');

/** Runs a wish in a process of its own. @param wrapper Program and arguments to run it under, for example strace. */
export function runChild(
  wish: ChildWish,
  wrapper: readonly string[] = [],
  onBegun: (child: ChildProcess) => void = () => {},
  onSaid: Listener = () => {},
): Promise<Outcome> {
  return runScript([CHILD, JSON.stringify(wish)], wrapper, onBegun, onSaid);
}

/** Runs a script in a process of its own. @param onBegun Called as soon as it says that it begins; may kill it. */
export function runScript(
  script: readonly string[],
  wrapper: readonly string[] = [],
  onBegun: (child: ChildProcess) => void = () => {},
  onSaid: Listener = () => {},
): Promise<Outcome> {
  const [program = process.execPath, ...rest] = [...wrapper, process.execPath, ...script];
  // Modules are read once and not for each child anew.
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCacheFolder };
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  let errors = '';
  let begunAt = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    if (begunAt === 0 && said.includes('begun\n')) {
      begunAt = performance.now();
      onBegun(child);
    }
    onSaid(child, said);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      const points = [...said.matchAll(/^committed ([0-9a-f]{32})$/gm)].map(([, point]) => point ?? '');
      const tookMs = performance.now() - begunAt;
      const begun = begunAt > 0;
      resolve({ exitCode, signal, committed: points.at(-1) ?? null, points, begun, said, errors, tookMs });
    });
  });
}
