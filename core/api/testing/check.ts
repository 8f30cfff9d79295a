import type { Plain } from '../call.ts';
import { isHoldfastError } from '../errors.ts';
import { NotConforming } from './expect.ts';

/**
 * One thing that a plugin must do. `run` throws when it does not; what it answers is what was seen, without anything that
 * differs from one run to the next, so that two runs (in process and across a worker, say) can be compared.
 */
export interface Check {
  /** A sentence: `an object that was put is read back byte for byte`. */
  readonly name: string;
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

/** Runs checks one after the other. A check that fails does not keep the rest from running. */
export async function runChecks(checks: readonly Check[]): Promise<Report> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    try {
      results.push({ name: check.name, ok: true, seen: await check.run(), failure: null });
    } catch (thrown) {
      results.push({ name: check.name, ok: false, seen: null, failure: reasonOf(thrown) });
    }
  }
  return { ok: results.every((result) => result.ok), results };
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
