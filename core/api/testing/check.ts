import type { Plain } from '../call.ts';
import { HoldfastError, isHoldfastError } from '../errors.ts';
import { NotConforming } from './expect.ts';

/**
 * One thing that a plugin must do. `run` throws when it does not; what it answers is what was seen, without anything that
 * differs from one run to the next, so that two runs (in process and across a worker, say) can be compared.
 */
export interface Check {
  /** A sentence: `an object that was put is read back byte for byte`. */
  readonly name: string;
  /** How long it may take, in milliseconds, where that is more than any check may. */
  readonly limitMs?: number;
  run(): Promise<Plain>;
}

/** How a check ended. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** What was seen; `null` when the check failed. */
  readonly seen: Plain;
  /** Why it failed, in one line; `null` when it did not. */
  readonly failure: string | null;
}

/** How a suite ended. */
export interface Report {
  readonly ok: boolean;
  readonly results: readonly CheckResult[];
}

/** How checks are run, and who is told. */
export interface CheckOptions {
  /** How long one check may take, in milliseconds. Default is 30,000. */
  readonly limitMs?: number;
  /** Told before each check, with how long it may take in milliseconds. */
  readonly begins?: (name: string, limitMs: number) => void;
  /** Told after each check. */
  readonly ended?: (result: CheckResult) => void;
}

const defaultLimitMs = 30_000;

/**
 * Runs checks one after the other. A check that fails does not keep the rest from running; one that does not end does, as
 * what it left half done may be in the way of all others.
 */
export async function runChecks(checks: readonly Check[], options: CheckOptions = {}): Promise<Report> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    const limitMs = Math.max(options.limitMs ?? defaultLimitMs, check.limitMs ?? 0);
    options.begins?.(check.name, limitMs);
    const { result, isLate } = await runCheck(check, limitMs);
    results.push(result);
    options.ended?.(result);
    if (isLate) break;
  }
  return { ok: results.every((result) => result.ok), results };
}

async function runCheck(check: Check, limitMs: number): Promise<{ result: CheckResult; isLate: boolean }> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timeout = new HoldfastError('TIMEOUT', `it did not end within ${limitMs / 1000} s; no more was tried`);
  const timer = setTimeout(() => reject(timeout), limitMs);
  try {
    const seen = await Promise.race([check.run(), late]);
    return { result: { name: check.name, ok: true, seen, failure: null }, isLate: false };
  } catch (thrown) {
    const result = { name: check.name, ok: false, seen: null, failure: reasonOf(thrown) };
    return { result, isLate: thrown === timeout };
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof NotConforming) return thrown.message;
  if (isHoldfastError(thrown)) return `${thrown.code}: ${thrown.message}`;
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `threw ${typeof thrown}`;
}

/** Where two reports of the same checks differ, one line each; empty when they are equal. */
export function differences(one: Report, other: Report): readonly string[] {
  const lines: string[] = [];
  if (one.results.length !== other.results.length) {
    lines.push(`${one.results.length} checks ran on one side and ${other.results.length} on the other`);
  }
  one.results.forEach((result, index) => {
    const twin = other.results[index];
    if (twin === undefined) return;
    if (result.name !== twin.name) lines.push(`${result.name} ran on one side and ${twin.name} on the other`);
    else if (result.ok !== twin.ok)
      lines.push(`${result.name}: ${result.failure ?? twin.failure ?? ''}, on one side only`);
    else if (canonical(result.seen) !== canonical(twin.seen)) {
      lines.push(`${result.name}: ${canonical(result.seen)} on one side, ${canonical(twin.seen)} on the other`);
    }
  });
  return lines;
}

/** A text that is the same for the same data, whatever the order of its keys. */
function canonical(value: Plain): string {
  if (value instanceof Uint8Array) return `bytes(${[...value].join(',')})`;
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, inner]) => `${key}:${canonical(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'undefined';
}

const isList = (value: Plain): value is readonly Plain[] => Array.isArray(value);
