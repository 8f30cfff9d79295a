import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Call, type ErrorCode, HoldfastError } from '@holdfast/api';

/** What a method is told to do instead of working. */
export interface Fault {
  /** Fail with this code; absent: do not fail. */
  readonly code?: ErrorCode;
  /** Throw what nobody foresaw. */
  readonly bug?: true;
  /** Wait before doing anything. */
  readonly delayMs?: number;
  /** Only so many times; counted on disk, over all processes. */
  readonly times?: number;
}

/** Tells a test of each call, reads faults from `faults.json` of a folder before every call, and writes down each call in `calls.log`. */
export async function obey(folder: string, method: string, call: Call): Promise<void> {
  appendFileSync(join(folder, 'calls.log'), `${method}\n`);
  const tick: unknown = Reflect.get(globalThis, 'holdfastTestTick');
  if (typeof tick === 'function') tick(method);
  const file = join(folder, 'faults.json');
  if (!existsSync(file)) return;
  const faults: Readonly<Record<string, Fault>> = JSON.parse(readFileSync(file, 'utf8'));
  const fault = faults[method];
  if (fault === undefined) return;
  const hits = join(folder, `hits-${method}`);
  const count = existsSync(hits) ? readFileSync(hits).length : 0;
  if (fault.times !== undefined && count >= fault.times) return;
  appendFileSync(hits, '.');
  if (fault.delayMs !== undefined) await wait(fault.delayMs, undefined, { signal: call.signal });
  if (fault.bug) throw new TypeError(`undefined is not a function in ${method}`);
  if (fault.code !== undefined) throw new HoldfastError(fault.code, `${method} was told to fail`);
}
