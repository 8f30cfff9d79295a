import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

/** What a step took, and what it has to tell besides. */
export interface Taken {
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  /** Bytes given to files and sockets. */
  readonly writtenMiB: number;
  readonly [more: string]: number | string;
}

/** Seconds of processor time of this process, all threads together. */
export function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Runs a step of a benchmark in a process of its own, so that its memory can be told from that of others. */
export async function inChild(script: string, args: readonly string[]): Promise<Taken> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')}: ended with ${code}`);
  return JSON.parse(text) as Taken;
}

/** What a child tells at its end. */
export function tellTaken(more: Readonly<Record<string, number | string>>): void {
  const writtenMiB = Number(/wchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0) / 2 ** 20;
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  console.log(JSON.stringify({ cpuSeconds: processorSeconds(), peakMiB, writtenMiB, ...more }));
}
