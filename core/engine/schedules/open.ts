import { throwIfCancelled } from '@holdfast/api';
import { systemClock } from '../../base/clock.ts';
import type { RunRecord } from '../../catalog/contract.ts';
import type { EngineParts } from '../run/parts.ts';
import type { ScheduleEngine, TickReport } from './contract.ts';
import { Leadership } from './leadership.ts';
import type { RunningEngine } from './running-engine.ts';

/**
 * Opens what runs policies at their times. It holds nothing between calls; what it takes is loaded when somebody uses it: most commands do not.
 * @see docs/decisions/schedules.md
 */
export function openSchedules(parts: EngineParts, engine: RunningEngine): ScheduleEngine {
  const { catalog, holder, timing, now } = parts;
  const takeLead = (): Promise<Leadership | null> => Leadership.take(catalog.leases, holder, timing.leaseMs, now);

  return {
    async tick(call) {
      const fired: TickReport['fired'][number][] = [];
      const runs: RunRecord[] = [];
      const collected: TickReport['collected'][number][] = [];
      const warnings: string[] = [];
      await using leader = await takeLead();
      if (leader === null) return { isLeader: false, fired, runs, collected, warnings };
      const { lead } = await import('./lead.ts');
      await lead(
        parts,
        engine,
        leader,
        call,
        { once: true },
        {
          fired: (one) => fired.push(one),
          ended: (run) => runs.push(run),
          collected: (one) => collected.push(one),
          warning: (text) => warnings.push(text),
        },
      );
      throwIfCancelled(call.signal, 'running schedules');
      return { isLeader: true, fired, runs, collected, warnings };
    },

    async serve(call, retire) {
      const { lead, lookMs } = await import('./lead.ts');
      const stop = retire === undefined ? call.signal : AbortSignal.any([call.signal, retire]);
      while (!stop.aborted) {
        await using leader = await takeLead().catch((problem: unknown) => {
          call.log('warn', `schedules wait: ${problem instanceof Error ? problem.message : String(problem)}`);
          return null;
        });
        if (leader === null) {
          await systemClock.sleep(Math.min(lookMs, timing.leaseMs), stop).catch(() => {});
          continue;
        }
        await lead(
          parts,
          engine,
          leader,
          call,
          { once: false, retire },
          {
            fired: ({ policy, workflow, runs }) => call.log('info', `began ${policy}/${workflow} for ${runs} machines`),
            ended: ({ id, machineName, state }) => call.log('info', `run ${id} of ${machineName} is ${state}`),
            collected: (one) => call.log(one.problem === null ? 'info' : 'warn', collectedLine(one)),
            warning: (text) => call.log('warn', text),
          },
        );
      }
    },

    runNow: async (policy, workflow, machines, call, started) =>
      (await import('./run-now.ts')).runNow(parts, engine, { policy, workflow, machines }, call, started),
    list: async () => (await import('./list.ts')).listSchedules(parts),
    upcoming: async (until, limit) => (await import('./upcoming.ts')).upcoming(parts, until, limit),
  };
}

/** What a collection came to, in one line. */
function collectedLine({ target, report, problem }: TickReport['collected'][number]): string {
  if (report === null)
    return `the repository on ${target} was not collected: ${problem?.message ?? 'nobody knows why'}`;
  return `collected the repository on ${target}: ${report.sweptPacks} packs with ${report.sweptBytes} bytes went, ${report.condemnedPacks} wait`;
}
