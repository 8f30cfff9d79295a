import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { compileCacheFolder } from '../../compile-cache.ts';
import type { Summary } from './run.ts';

/** Worlds come and go: a larger heap is tidied up less often. */
const HEAP = '--initial-heap-size=1024';
const PROGRAM = join(import.meta.dirname, 'run.ts');

/** Runs the simulation in a process of its own, whose clock and chance it takes over. What it printed is told when it fails. */
export function runSimulation(args: readonly string[]): Promise<{ readonly summary: Summary; readonly said: string }> {
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCacheFolder };
  const child = spawn(process.execPath, [HEAP, PROGRAM, '--json', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let said = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const lines = said.trimEnd().split('\n');
      const last = lines.pop() ?? '';
      if (!last.startsWith('{')) reject(new Error(`the simulation ended with ${code ?? signal}: ${said}${errors}`));
      else resolve({ summary: JSON.parse(last), said: lines.join('\n') });
    });
  });
}

const listing = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');

/** The counts of a run, in words. */
export function tellFigures({ seeds, seconds, faults, figures, failures }: Summary): string {
  return (
    `${seeds} seeds in ${seconds.toFixed(1)} s (${(seeds / seconds).toFixed(0)} a second): ${figures.operations} operations, ` +
    `${faults} faults, ${figures.acknowledged} restore points acknowledged, ${figures.compared} restores compared byte for byte, ` +
    `${figures.checks} checks, ${figures.nonces} nonces, ${failures.length} violations\n` +
    `  actions: ${listing(figures.actions)}\n  faults: ${listing(figures.faults)}`
  );
}
