import type { Cell } from '@holdfast/api';
import type { ScheduledWorkflow } from '../../../engine/schedules/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import {
  countCell,
  detailView,
  durationCell,
  noCell,
  plainData,
  stackView,
  stateCell,
  tableView,
  textCell,
  timeCell,
} from '../../view/build.ts';
import { type KeptPromise, keptPromises } from './promises.ts';

/** The next time of any workflow of a policy; `null` when none comes. */
const nextOf = (policy: string, scheduled: readonly ScheduledWorkflow[]): number | null =>
  scheduled.reduce<number | null>((first, { policy: of, next }) => {
    if (of !== policy || next === null) return first;
    return first === null ? next : Math.min(first, next);
  }, null);

function keptCell({ policy, machines }: KeptPromise): Cell {
  if (policy.objective.rpoMs === null) return noCell;
  const kept = machines.filter(({ isKept }) => isKept).length;
  const words = `${kept} of ${machines.length}`;
  return kept === machines.length ? stateCell(words, 'good') : stateCell(words, 'bad');
}

export const run: ShellHandler = async (site) => {
  const engine = await site.engine();
  const applied = await engine.policies.applied();
  if (applied === null)
    return {
      data: { applied: null, policies: [] },
      view: tableView(
        'Policies',
        [{ key: 'policy', title: 'policy', priority: 0 }],
        [],
        'no policies are in force: `holdfast plan -f FILE`, then `holdfast apply -f FILE`',
      ),
    };
  const scheduled = await engine.schedules.list();
  const kept = await keptPromises(site, applied.set);
  const { id, source, who, at, set } = applied;
  const policies = kept.map(({ policy, machines }) => ({
    policy: policy.name,
    title: policy.title,
    paused: policy.isPaused,
    machines: machines.length,
    rpoMs: policy.objective.rpoMs,
    rtoMs: policy.objective.rtoMs,
    withinRpo: policy.objective.rpoMs === null ? null : machines.filter(({ isKept }) => isKept).length,
    next: nextOf(policy.name, scheduled),
    workflows: scheduled.filter((one) => one.policy === policy.name).map(plainData),
  }));
  const table = tableView(
    'Policies in force',
    [
      { key: 'policy', title: 'policy', priority: 0 },
      { key: 'state', title: 'state', priority: 0 },
      { key: 'machines', title: 'machines', align: 'right', priority: 0 },
      { key: 'next', title: 'next run', priority: 0 },
      { key: 'rpo', title: 'rpo', align: 'right' },
      { key: 'kept', title: 'within rpo' },
      { key: 'rto', title: 'rto', align: 'right' },
      { key: 'title', title: 'title' },
    ],
    kept.map((promise, index) => {
      const { policy } = promise;
      const problem = scheduled.find((one) => one.policy === policy.name && one.problem !== null)?.problem ?? null;
      const state = policy.isPaused
        ? stateCell('paused', 'quiet')
        : problem === null
          ? stateCell('active', 'good')
          : stateCell(problem, 'risk');
      const { rpoMs, rtoMs } = policy.objective;
      return {
        id: policy.name,
        cells: {
          policy: textCell(policy.name),
          state,
          machines: countCell(promise.machines.length),
          next: timeCell(policies[index]?.next),
          rpo: rpoMs === null ? noCell : durationCell(rpoMs),
          kept: keptCell(promise),
          rto: rtoMs === null ? noCell : durationCell(rtoMs),
          title: policy.title === null ? noCell : textCell(policy.title),
        },
      };
    }),
    'the policies in force protect nothing',
  );
  const head = detailView('Applied', [
    ['number', 'Number', countCell(id)],
    ['source', 'From', textCell(source)],
    ['who', 'By', textCell(who)],
    ['at', 'When', timeCell(at)],
    ['zone', 'Time zone', textCell(set.zone)],
  ]);
  return { data: { applied: { id, source, who, at, zone: set.zone }, policies }, view: stackView('', [table, head]) };
};
