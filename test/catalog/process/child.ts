import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { compileCacheFolder } from '../../compile-cache.ts';

/** A process of ours, killed at the end if it still runs. */
export interface Child extends AsyncDisposable {
  readonly process: ChildProcess;
  /** What it has said so far, whole lines only. */
  readonly lines: readonly string[];
  /** Waits until it has said so many lines, or has ended. */
  said(count: number): Promise<void>;
  /** Waits for its end and answers its exit code, or the signal that ended it. */
  ended(): Promise<number | string | null>;
}

/** Starts a script of this folder with this Node. What it writes to its error output is in the test's own. */
export function start(script: string, ...args: readonly string[]): Child {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCacheFolder };
  const child = spawn(process.execPath, [path, ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (line) => lines.push(line));
  // Its exit, and the last line that it said.
  const end = Promise.all([once(child, 'exit'), once(reader, 'close')]);
  return {
    process: child,
    lines,
    async said(count) {
      while (lines.length < count && !(child.exitCode !== null || child.signalCode !== null))
        await Promise.race([once(reader, 'line'), end]);
    },
    async ended() {
      const [[code, signal]] = (await end) as [[number | null, string | null], unknown];
      return code ?? signal;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await end;
    },
  };
}
