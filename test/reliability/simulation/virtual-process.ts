import { AsyncLocalStorage } from 'node:async_hooks';
import crypto from 'node:crypto';
import fs from 'node:fs';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import waits from 'node:timers/promises';

// What a program gets from its operating system besides the store: time, timers, chance, its own files. For code that runs within a virtual
// process all of it comes from the simulation, so that a seed decides everything; for all other code nothing changes. The product has no
// seam for that, which an attacker could use as well. This module is to be loaded before all others.

/** A process of a simulated host. */
export interface VirtualProcess {
  readonly host: string;
  /** Killed: nothing of it may happen any more. */
  readonly isDead: boolean;
  /** Files that it has open, which its system closes when it is killed. */
  readonly open: Set<number>;
  /** Milliseconds by a clock that is never set. */
  monotonicMs(): number;
  random(length: number): Buffer;
  /** Runs something later, unless it is cancelled. */
  after(ms: number, run: () => void): { cancel(): void };
}

const processes = new AsyncLocalStorage<VirtualProcess>();
const current = (): VirtualProcess | undefined => processes.getStore();

/** Runs something, and all that comes of it, as a virtual process. */
export const runAs = <T>(process: VirtualProcess, work: () => T): T => processes.run(process, work);

const never = new Promise<never>(() => {});
let immediates = 0;
const realImmediate = globalThis.setImmediate;

/** Resolves when nothing goes on any more but what waits for the store or a timer. */
export async function quiet(): Promise<void> {
  do await new Promise<void>((resolve) => void realImmediate(resolve));
  while (immediates > 0);
}

class VirtualTimer {
  #event: { cancel(): void } | null = null;

  constructor(process: VirtualProcess, run: () => void, ms: number, repeats: boolean) {
    const arm = (): void => {
      this.#event = process.after(Math.max(1, ms), () => {
        if (repeats) arm();
        run();
      });
    };
    arm();
  }

  cancel(): void {
    this.#event?.cancel();
    this.#event = null;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

function replaceTimers(): void {
  const real = { setTimeout, setInterval, clearTimeout, clearInterval, setImmediate };
  const start =
    (name: 'setTimeout' | 'setInterval') =>
    (run: (...args: unknown[]) => void, ms = 1, ...args: unknown[]) => {
      const process = current();
      if (process === undefined) return real[name](run, ms, ...args);
      return new VirtualTimer(process, () => run(...args), ms, name === 'setInterval');
    };
  const stop = (name: 'clearTimeout' | 'clearInterval') => (timer: unknown) => {
    if (timer instanceof VirtualTimer) timer.cancel();
    else real[name](timer as NodeJS.Timeout);
  };
  const immediate = (run: (...args: unknown[]) => void, ...args: unknown[]) => {
    const process = current();
    if (process === undefined) return real.setImmediate(run, ...args);
    immediates++;
    return real.setImmediate(() => {
      immediates--;
      if (!process.isDead) run(...args);
    });
  };
  Object.assign(globalThis, {
    setTimeout: start('setTimeout'),
    setInterval: start('setInterval'),
    clearTimeout: stop('clearTimeout'),
    clearInterval: stop('clearInterval'),
    setImmediate: immediate,
  });
  const wait = waits.setTimeout;
  const waitVirtually = <T>(ms?: number, value?: T, how: { signal?: AbortSignal } = {}): Promise<T> => {
    const process = current();
    if (process === undefined) return wait(ms, value, how);
    return new Promise<T>((resolve, reject) => {
      const { signal } = how;
      const abort = (): void => {
        timer.cancel();
        reject(signal?.reason);
      };
      const timer = new VirtualTimer(
        process,
        () => {
          signal?.removeEventListener('abort', abort);
          resolve(value as T);
        },
        ms ?? 1,
        false,
      );
      if (signal?.aborted) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  };
  Object.assign(waits, { setTimeout: waitVirtually });
}

function replaceClocks(): void {
  const realNow = performance.now.bind(performance);
  performance.now = () => current()?.monotonicMs() ?? realNow();
  const realNs = process.hrtime.bigint;
  process.hrtime.bigint = () => {
    const ms = current()?.monotonicMs();
    return ms === undefined ? realNs() : BigInt(Math.round(ms * 1e6));
  };
}

function replaceChance(): void {
  const { randomBytes, randomInt, scrypt, scryptSync } = crypto;
  Object.assign(crypto, {
    randomBytes: (length: number) => current()?.random(length) ?? randomBytes(length),
    randomInt: (end: number) => {
      const bytes = current()?.random(6);
      return bytes === undefined ? randomInt(end) : bytes.readUIntLE(0, 6) % end;
    },
    // Done at once, not in a thread whose end nobody can foresee.
    scrypt: (...args: Parameters<typeof scrypt>) => {
      if (current() === undefined) return scrypt(...args);
      const [password, salt, length, options, then] = args;
      const key = scryptSync(password, salt, length, options);
      queueMicrotask(() => then(null, key));
    },
  });
  const { hostname } = os;
  Object.assign(os, { hostname: () => current()?.host ?? hostname() });
}

/** Calls on files answer at once, and those of a dead process never. */
function replaceFiles(): void {
  const names = ['access', 'mkdir', 'mkdtemp', 'readdir', 'readFile', 'rename', 'rm', 'stat', 'writeFile'] as const;
  const atOnce = fs as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  for (const name of names) {
    const real = files[name] as (...args: unknown[]) => Promise<unknown>;
    const virtual = async (...args: unknown[]): Promise<unknown> => {
      const process = current();
      if (process === undefined) return real(...args);
      return process.isDead ? never : atOnce[`${name}Sync`]?.(...args);
    };
    Object.assign(files, { [name]: virtual });
  }
  const { openSync, closeSync, fsyncSync } = fs;
  Object.assign(fs, {
    fsyncSync: (fd: number) => {
      // No local file of a host is looked at after a power cut, but the cache, which nobody trusts.
      if (current() === undefined) fsyncSync(fd);
    },
    openSync: (...args: Parameters<typeof openSync>) => {
      const fd = openSync(...args);
      current()?.open.add(fd);
      return fd;
    },
    closeSync: (fd: number) => {
      current()?.open.delete(fd);
      closeSync(fd);
    },
  });
}

/** What the system does when a process has ended. */
export function closeAll(process: VirtualProcess): void {
  for (const fd of process.open) fs.closeSync(fd);
  process.open.clear();
}

replaceTimers();
replaceClocks();
replaceChance();
replaceFiles();
syncBuiltinESMExports();
