import type { Call } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { systemClock } from '../../base/clock.ts';
import type { Catalog, Lease, RunRecord } from '../../catalog/contract.ts';
import type { Timing } from '../deps.ts';
import { isGone } from '../holder.ts';

/** What a run needs for itself: the machine that it protects, or the name that it restores to. */
export function subjectOf(run: Pick<RunRecord, 'kind' | 'endpoint' | 'machine' | 'machineName'>): string {
  return run.kind === 'protect' ? `machine:${run.endpoint}/${run.machine}` : `name:${run.endpoint}/${run.machineName}`;
}

/**
 * Makes sure that only one run works on a machine. When another one does, this is refused at once; when that one's process is dead, its lease is
 * waited for, which ends by itself.
 * @throws `MACHINE_BUSY` naming the run that works on it.
 */
export async function takeSubject(
  catalog: Catalog,
  run: Pick<RunRecord, 'kind' | 'endpoint' | 'machine' | 'machineName'>,
  holder: string,
  timing: Timing,
  call: Call,
): Promise<Lease> {
  const name = subjectOf(run);
  let hasTold = false;
  for (;;) {
    const lease = await catalog.leases.take(name, holder, timing.leaseMs);
    if (lease !== null) return lease;
    const held = await catalog.leases.peek(name);
    if (held !== null && !isGone(held.holder)) throw await busy(catalog, run, held);
    if (held !== null && !hasTold)
      call.log(
        'info',
        `waits until the lease of a process that died (${held.holder}) on ${run.machineName} has run out`,
      );
    hasTold = true;
    await systemClock.sleep(Math.min(timing.pollMs, timing.leaseMs), call.signal);
  }
}

async function busy(
  catalog: Catalog,
  run: Pick<RunRecord, 'kind' | 'endpoint' | 'machine' | 'machineName'>,
  held: Lease,
): Promise<HoldfastError> {
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
