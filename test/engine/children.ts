import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { compileCacheFolder } from '../compile-cache.ts';

/** How long a lease lives in the processes that `spawnMortal` starts, unless it is told otherwise. */
export const mortalLeaseMs = 150;

/** What came of a process. */
export interface Ended {
  /** Its acts in the catalog and on the hypervisor, in order. */
  readonly acts: readonly string[];
  readonly wasKilled: boolean;
  /** What it said last: `done null`, `failed {…}`, `refused CODE: …`. */
  readonly last: string;
}

/** A process of its own that protects or restores `web01` in the yard of a folder, and kills itself at its nth act (0: never). */
export function spawnMortal(
  folder: string,
  kind: 'protect' | 'restore',
  killAt: number,
  leaseMs = mortalLeaseMs,
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const mortal = fileURLToPath(new URL('./mortal.ts', import.meta.url));
  const child = spawn(process.execPath, [mortal, folder, kind, String(killAt), String(leaseMs)], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCacheFolder },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let errors = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  child.stderr.on('data', (bytes: Buffer) => {
    errors += bytes.toString();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('close', (code, signal) => {
      const lines = said.trim().split('\n');
      const acts = lines.flatMap((line) => /^\d+ (.+)$/.exec(line)?.[1] ?? []);
      if (signal === null && code !== 0) reject(new Error(`${said}\n${errors}`));
      else resolve({ acts, wasKilled: signal === 'SIGKILL', last: lines.at(-1) ?? '' });
    });
  });
  return { child, ended };
}
