import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process of which running system holds a lease. The number of a process alone is given to another one sooner or later. */
export interface Holder {
  /** Of this run of the system: drawn by lot at each boot. */
  readonly boot: string;
  /** Namespaces in which the process's number and its start time hold: containers number their processes each for itself. */
  readonly space: string;
  /** When the process was started, in ticks since the boot. */
  readonly startedTicks: number;
}

/** What a lease says of its process. */
export interface Held {
  readonly host: string;
  readonly pid: number;
  /** `null` where the system did not say it, or the lease was put by an older version. */
  readonly holder: Holder | null;
}

/** What the system says of a process. */
interface ProcessState {
  readonly startedTicks: number;
  readonly isZombie: boolean;
}

let own: Holder | null | undefined;

/** This process; `null` where the system does not say enough to tell it from every other one (only Linux does). */
export function ownHolder(): Holder | null {
  own ??= holderOf(process.pid);
  return own;
}

/** A process of this system that this one can see; `null` when not enough can be said of it. */
export function holderOf(pid: number): Holder | null {
  try {
    // A /proc of other namespaces, mounted into this one, would speak of other processes.
    if (readlinkSync('/proc/self') !== String(process.pid)) return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    const state = stateOf(pid);
    if (!/^[0-9a-f-]{36}$/.test(boot) || state === null) return null;
    const space = [readlinkSync('/proc/self/ns/pid'), timeSpace()].join(' ');
    return { boot, space, startedTicks: state.startedTicks };
  } catch {
    return null;
  }
}

/** Start times are counted anew in a time namespace. Older systems have none. */
function timeSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/time');
  } catch {
    return 'time:none';
  }
}

/**
 * Whether whoever put a lease is gone for certain: it was a process of this very system, in these very namespaces, and is not there any more. What
 * cannot be known is answered with `false`. It decides only whether a lease is fenced now or after its silence, never that something may be removed.
 */
export function isHolderGone({ host, pid, holder }: Held): boolean {
  const here = ownHolder();
  if (holder === null || here === null || pid < 1 || host !== hostname()) return false;
  if (holder.boot !== here.boot || holder.space !== here.space) return false;
  try {
    // Asks only whether it is there, and is answered whoever's it is and however much of /proc is hidden.
    process.kill(pid, 0);
  } catch (failure) {
    if (failure instanceof Error && 'code' in failure && failure.code === 'ESRCH') return true;
    // Somebody else's: it is there.
  }
  const state = stateOf(pid);
  return state !== null && (state.isZombie || state.startedTicks !== holder.startedTicks);
}

/** @see proc(5), /proc/pid/stat: the name, in parentheses, may hold anything. */
function stateOf(pid: number): ProcessState | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, threads, startedTicks] = [fields[0], Number(fields[17]), Number(fields[19])];
    if (!Number.isSafeInteger(startedTicks) || !Number.isSafeInteger(threads)) return null;
    // As long as other threads are there, one of them may be in the middle of a write.
    return { startedTicks, isZombie: (state === 'Z' || state === 'X') && threads <= 1 };
  } catch {
    return null;
  }
}
