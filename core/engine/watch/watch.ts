import type { Call } from '@holdfast/api';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import { systemClock } from '../../base/clock.ts';
import type { JobStore, LogLine } from '../../catalog/contract.ts';
import type { RunEvent } from '../contract.ts';

/** Lines shown of what was logged before watching began, and at most between two looks. */
const mostLines = 1_000;

/**
 * Watches a run, whichever process works on it, by looking into the catalog. Ends after the state in which the run has ended was given, or when the
 * signal aborts. Throws `RUN_NOT_FOUND`.
 */
export async function* watchRun(jobs: JobStore, id: string, pollMs: number, call: Call): AsyncIterable<RunEvent> {
  let shown = '';
  let seen = new Set<string>();
  for (;;) {
    const run = await jobs.get(id);
    if (run === null) throw new HoldfastError('RUN_NOT_FOUND', `no run has the identity ${id}`, { facts: { run: id } });
    const lines = await jobs.logLines(id, mostLines);
    const keys = keysOf(lines);
    for (const [index, line] of lines.entries()) if (!seen.has(keys[index] ?? '')) yield { kind: 'log', ...line };
    seen = new Set(keys);
    const state = JSON.stringify([run.state, run.attempts, run.cancelAskedBy, run.progress, run.error]);
    if (state !== shown) yield { kind: 'state', run };
    shown = state;
    if (run.endedAt !== null && run.state !== 'waiting' && run.state !== 'running') return;
    try {
      await systemClock.sleep(pollMs, call.signal);
    } catch (problem) {
      if (isHoldfastError(problem, 'CANCELLED')) return;
      throw problem;
    }
  }
}

/** A name for each line that tells it from all others, also where the same was said twice in one millisecond. */
function keysOf(lines: readonly LogLine[]): string[] {
  const counts = new Map<string, number>();
  return lines.map(({ at, level, text }) => {
    const key = `${at} ${level} ${text}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return `${count} ${key}`;
  });
}
