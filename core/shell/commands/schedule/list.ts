import type { Cell } from '@holdfast/api';
import type { ScheduledWorkflow } from '../../../engine/schedules/contract.ts';
import { leaseName } from '../../../engine/schedules/leadership.ts';
import type { ShellHandler } from '../../contract.ts';
import {
  countCell,
  noCell,
  plainData,
  stateCell,
  tableView,
  textCell,
  timeCell,
  withoutEmpty,
} from '../../view/build.ts';

function stateOf({ isPaused, problem, missed, when }: ScheduledWorkflow): Cell {
  if (isPaused) return stateCell('paused', 'quiet');
  if (problem !== null) return stateCell(problem, 'risk');
  if (missed > 0) return stateCell('missed', 'risk');
  return when === null ? stateCell('when asked', 'quiet') : stateCell('on time', 'good');
}

export const run: ShellHandler = async (site) => {
  const workflows = await (await site.engine()).schedules.list();
  const leader = await (await site.catalog()).leases.peek(leaseName);
  return {
    data: { leader: leader?.holder ?? null, workflows: workflows.map(plainData) },
    view: withoutEmpty(
      tableView(
        'Schedules',
        [
          { key: 'policy', title: 'policy', priority: 0 },
          { key: 'workflow', title: 'workflow', priority: 0 },
          { key: 'when', title: 'when' },
          { key: 'next', title: 'next', priority: 0 },
          { key: 'last', title: 'last', priority: 1 },
          { key: 'machines', title: 'machines', align: 'right' },
          { key: 'missed', title: 'missed', align: 'right' },
          { key: 'state', title: 'state', priority: 0 },
        ],
        workflows.map((one) => ({
          id: `${one.policy}/${one.workflow}`,
          cells: {
            policy: textCell(one.policy),
            workflow: textCell(one.workflow),
            when: one.when === null ? noCell : textCell(one.when),
            next: timeCell(one.next),
            last: timeCell(one.last?.firedAt),
            machines: countCell(one.machines),
            missed: one.missed === 0 ? noCell : countCell(one.missed),
            state: stateOf(one),
          },
        })),
        'no policies are in force: `holdfast apply -f FILE` puts some in force',
      ),
      ['missed'],
    ),
  };
};
