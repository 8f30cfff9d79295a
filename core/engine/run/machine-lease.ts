import type { Call } from '@holdfast/api';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import { systemClock } from '../../base/clock.ts';
import type { Catalog, Lease, RunRecord } from '../../catalog/contract.ts';
import { isGone } from '../holder.ts';
import { endLostRuns } from '../janitor/lost-runs.ts';
import { messageOf } from './failure.ts';
import type { EngineParts } from './parts.ts';

type Subject = Pick<RunRecord, 'kind' | 'endpoint' | 'machine' | 'machineName'> & { readonly id?: string };

/** What a run needs for itself: the machine that it protects, or the name that it restores to. */
export function subjectOf(run: Pick<RunRecord, 'kind' | 'endpoint' | 'machine' | 'machineName'>): string {
  return run.kind === 'protect' ? `machine:${run.endpoint}/${run.machine}` : `name:${run.endpoint}/${run.machineName}`;
}

/**
 * Makes sure that only one run works on a machine. When another one does, this is refused at once; when that one's process is dead, its lease is
 * waited for, which ends by itself, and what it had begun is taken back before anything new is begun.
 * @throws `MACHINE_BUSY` naming the run that works on it.
 */
export async function takeSubject(parts: EngineParts, run: Subject, call: Call): Promise<Lease> {
  const { catalog, holder, timing } = parts;
  const name = subjectOf(run);
  let hasTold = false;
  for (;;) {
    const lease = await catalog.leases.take(name, holder, timing.leaseMs);
    if (lease !== null) {
      await takeBackLost(parts, run, call);
      return lease;
    }
    const held = await catalog.leases.peek(name);
    if (held !== null && !isGone(held.holder)) throw await busy(catalog, run, held);
    if (held !== null && !hasTold) {
      call.log(
        'info',
        `waits until the lease of a process that died (${held.holder}) on ${run.machineName} has run out`,
      );
      hasTold = true;
    }
    await systemClock.sleep(Math.min(timing.pollMs, timing.leaseMs), call.signal);
  }
}

/**
 * Whatever else runs on what is ours now is of a process that died. Its own lease was renewed at about the same time, so it ends a little later.
 * What it left would be in the way: a snapshot, an export. What cannot be taken back keeps no run from starting.
 */
async function takeBackLost(parts: EngineParts, run: Subject, call: Call): Promise<void> {
  const { catalog, timing, now } = parts;
  const giveUpAt = now() + timing.leaseMs;
  try {
    for (;;) {
      const running = await catalog.jobs.list({ states: ['running'], machine: run.machine, limit: 10 });
      const isThere = running.some((other) => other.id !== run.id && subjectOf(other) === subjectOf(run));
      if (!isThere || now() >= giveUpAt) return;
      const lines = await endLostRuns(parts, call);
      for (const line of lines) call.log('info', line);
      if (lines.length > 0) continue;
      await systemClock.sleep(Math.min(timing.pollMs, timing.leaseMs), call.signal);
    }
  } catch (problem) {
    if (isHoldfastError(problem, 'CANCELLED')) throw problem;
    call.log('warn', `cleaning up after a process that died failed: ${messageOf(problem)}`);
  }
}

async function busy(catalog: Catalog, run: Subject, held: Lease): Promise<HoldfastError> {
  const running = await catalog.jobs.list({ states: ['running'], machine: run.machine, limit: 10 });
  const other = running.find((candidate) => subjectOf(candidate) === subjectOf(run));
  const which = other === undefined ? `process ${held.holder}` : `run ${other.id}`;
  return new HoldfastError('MACHINE_BUSY', `${which} is working on ${run.machineName} already`, {
    remedy:
      other === undefined
        ? 'wait until it is done, then try again'
        : `wait for it (\`holdfast run watch ${other.id}\`) or \`holdfast run cancel ${other.id}\`, then try again`,
    facts: { machine: run.machineName, run: other?.id ?? null, holder: held.holder },
  });
}
