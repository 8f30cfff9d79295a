import { HoldfastError } from '@holdfast/api';
import type { Host, RunOptions, RunResult } from '../ssh/host.ts';

/** Runs a fixed POSIX script on a host; what differs from time to time are its arguments, which no shell takes apart. */
export function runScript(
  host: Host,
  script: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return host.run(['sh', '-c', script, 'holdfast', ...args], options);
}

/** The same for one that is expected to work. @throws `DISK_SPACE` when there is no room, else `DISK_UNWRITABLE`. */
export async function mustScript(
  host: Host,
  what: string,
  script: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const done = await runScript(host, script, args, options);
  if (done.exitCode === 0) return done.stdout;
  const said = done.stderr.trim().split('\n').slice(-3).join('; ').slice(0, 400) || `it ended with ${done.exitCode}`;
  const isFull = /No space left|Disk quota exceeded/i.test(done.stderr);
  throw new HoldfastError(isFull ? 'DISK_SPACE' : 'DISK_UNWRITABLE', `${what} on ${host.title}: ${said}`, {
    ...(isFull ? { remedy: 'free space there, or set `scratch` of the endpoint to a folder with room' } : {}),
    facts: { host: host.title },
  });
}
