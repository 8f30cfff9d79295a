import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import process from 'node:process';

/** Names this process in leases: host, process id, and when it started, because ids come round again. */
export function thisHolder(): string {
  return `${hostname()}:${process.pid}:${startOf(process.pid) ?? 0}`;
}

/**
 * Whether the process that a lease names is certainly gone. One on another host never is, as far as can be told from here.
 * Only good for deciding whether waiting is worth while: who may act is for the lease alone to say.
 */
export function isGone(holder: string): boolean {
  const parts = holder.split(':');
  const start = Number(parts.pop());
  const pid = Number(parts.pop());
  if (parts.join(':') !== hostname() || !Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (problem) {
    // EPERM says that there is such a process, of another user.
    return problem instanceof Error && 'code' in problem && problem.code === 'ESRCH';
  }
  const startNow = startOf(pid);
  return startNow !== null && start > 0 && startNow !== start;
}

/** Start of a process in clock ticks since boot, where the system tells (Linux, proc(5) stat field 22). */
function startOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program, in parentheses, may hold anything; what follows it does not.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(fields[19]);
  } catch {
    return null;
  }
}
