import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const pollMs = 20;
const filler = Buffer.alloc(4 * 1024 * 1024, 1);

/** What one command cost. */
export interface Measured {
  readonly wallSeconds: number;
  /** Of the command and all that it started, in user and kernel. */
  readonly cpuSeconds: number;
  /** Largest sum of the peaks (VmHWM) of all its processes that were alive together. */
  readonly peakBytes: number;
}

/**
 * Makes the kernel hold memory that it can give at once. In a virtual machine a page that was never touched, or that was given back to the
 * host, costs ten times one that was used before, and whoever writes first would pay for it.
 */
export function warmMemory(folder: string, sizeBytes: number): void {
  const path = join(folder, 'filler');
  const fd = openSync(path, 'w');
  for (let done = 0; done < sizeBytes; done += filler.length) writeSync(fd, filler);
  closeSync(fd);
  rmSync(path);
}

/**
 * Runs a command to its end and measures it, with memory for what it writes at hand.
 * Throws when it fails, with the end of what it said.
 */
export async function measure(
  argv: readonly string[],
  place: { readonly folder: string; readonly warmBytes: number },
  how: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string; readonly input?: string } = {},
): Promise<Measured> {
  await promisify(execFile)('sync');
  warmMemory(place.folder, place.warmBytes);
  // The shell waits for the command and tells what it and its children cost: Node cannot ask for that.
  const script = '"$@"; code=$?; times >&3; exit $code';
  const started = process.hrtime.bigint();
  const child = spawn('bash', ['-c', script, 'measure', ...argv], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...how.env },
    ...(how.cwd === undefined ? {} : { cwd: how.cwd }),
  });
  const said: string[] = [];
  const times: string[] = [];
  child.stdout?.on('data', (text) => said.push(String(text)));
  child.stderr?.on('data', (text) => said.push(String(text)));
  child.stdio[3]?.on('data', (text) => times.push(String(text)));
  let peakBytes = 0;
  const poll = setInterval(() => {
    if (child.pid !== undefined) peakBytes = Math.max(peakBytes, peakOf(child.pid));
  }, pollMs);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let ended = started;
  child.once('exit', () => {
    ended = process.hrtime.bigint();
  });
  child.once('error', reject);
  child.once('close', (code) => resolve(code ?? 1));
  const code = await promise.finally(() => clearInterval(poll));
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with ${code}:\n${said.join('').slice(-2000)}`);
  return { wallSeconds: Number(ended - started) / 1e9, cpuSeconds: cpuOf(times.join('')), peakBytes };
}

/** The second line of `times` is of the children: `1m2.345s 0m0.123s`. */
function cpuOf(times: string): number {
  const children = times.trim().split('\n')[1] ?? '';
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, found) => sum + Number(found[1]) * 60 + Number(found[2]),
    0,
  );
}

/** Sum of VmHWM over the processes below one, itself left out: it is only the shell. */
function peakOf(pid: number): number {
  let sum = 0;
  for (const child of childrenOf(pid)) {
    try {
      const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child}/status`, 'latin1'));
      sum += Number(found?.[1] ?? 0) * 1024 + peakOf(child);
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum;
}

function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.flatMap((thread) => {
      const text = readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').trim();
      return text === '' ? [] : text.split(' ').map(Number);
    });
  } catch {
    return [];
  }
}

/** Bytes of all files in a folder. */
export function sizeOfFolder(path: string): number {
  let sum = 0;
  for (const entry of readdirSync(path, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) sum += statSync(join(entry.parentPath, entry.name)).size;
  }
  return sum;
}
