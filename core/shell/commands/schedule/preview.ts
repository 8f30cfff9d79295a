import { HoldfastError } from '@holdfast/api';
import type { ShellHandler } from '../../contract.ts';
import { numberOrNull, textOrNull } from '../../registry/argument-values.ts';
import { countCell, noCell, plainData, tableView, textCell, timeCell, withoutEmpty } from '../../view/build.ts';

const dayMs = 86_400_000;
/** More than anybody looks at; of one policy some are left then. */
const mostLooked = 100_000;

export const run: ShellHandler = async (site, args) => {
  const policy = textOrNull(args, 'policy');
  const limit = numberOrNull(args, 'limit') ?? 200;
  const days = numberOrNull(args, 'days') ?? 7;
  const { schedules } = await site.engine();
  const workflows = await schedules.list();
  if (policy !== null && !workflows.some((one) => one.policy === policy))
    throw new HoldfastError('POLICY_NOT_FOUND', `no policy in force is called ${policy}`);
  const all = await schedules.upcoming(site.now() + days * dayMs, policy === null ? limit + 1 : mostLooked);
  const fitting = all.filter((one) => policy === null || one.policy === policy);
  const shown = fitting.slice(0, limit).map((one) => ({
    ...one,
    machines: workflows.find((known) => known.policy === one.policy && known.workflow === one.workflow)?.machines ?? 0,
  }));
  const hasMore = fitting.length > shown.length;
  return {
    data: { upcoming: shown.map(plainData), hasMore },
    view: withoutEmpty(
      tableView(
        hasMore ? `The next ${shown.length} of the coming ${days} days` : `The coming ${days} days`,
        [
          { key: 'at', title: 'begins', priority: 0 },
          { key: 'policy', title: 'policy', priority: 0 },
          { key: 'workflow', title: 'workflow', priority: 0 },
          { key: 'machines', title: 'machines', align: 'right' },
          { key: 'why', title: 'why' },
        ],
        shown.map((one) => ({
          id: `${one.policy}/${one.workflow} ${one.at}`,
          cells: {
            at: timeCell(one.at),
            policy: textCell(one.policy),
            workflow: textCell(one.workflow),
            machines: countCell(one.machines),
            why: one.isCatchUp ? textCell('caught up after a blackout') : noCell,
          },
        })),
        'nothing will begin: no policy in force has a schedule',
      ),
      ['why'],
    ),
  };
};
