import type { RunRecord, RunState } from '../../../catalog/contract.ts';
import type { ShellHandler } from '../../contract.ts';
import { shortId } from '../../lookup/names.ts';
import { runState, sumsOf } from '../../lookup/runs.ts';
import { numberOrNull, textOrNull } from '../../registry/argument-values.ts';
import {
  bytesCell,
  durationCell,
  noCell,
  plainData,
  tableView,
  textCell,
  timeCell,
  withoutEmpty,
} from '../../view/build.ts';

const searched = 10_000;

const lengthOf = ({ startedAt, endedAt }: RunRecord, now: number): number | null =>
  startedAt === null ? null : (endedAt ?? now) - startedAt;

export const run: ShellHandler = async (site, args) => {
  const state = textOrNull(args, 'state');
  const machine = textOrNull(args, 'machine');
  const limit = numberOrNull(args, 'limit') ?? 50;
  const found = await (await site.catalog()).jobs.list({
    limit: machine === null ? limit : searched,
    ...(state === null ? {} : { states: [state as RunState] }),
  });
  const fits = (one: RunRecord): boolean =>
    machine === null || [one.machineName, one.machine, `${one.endpoint}/${one.machineName}`].includes(machine);
  const runs = found.filter(fits).slice(0, limit);
  const now = site.now();
  return {
    data: { runs: plainData(runs) },
    view: withoutEmpty(
      tableView(
        'Runs',
        [
          { key: 'run', title: 'run', priority: 0 },
          { key: 'state', title: 'state', priority: 0 },
          { key: 'kind', title: 'kind', priority: 2 },
          { key: 'machine', title: 'machine', priority: 0 },
          { key: 'policy', title: 'policy' },
          { key: 'began', title: 'began' },
          { key: 'took', title: 'took', align: 'right' },
          { key: 'read', title: 'read', align: 'right' },
          { key: 'stored', title: 'stored', align: 'right' },
          { key: 'problem', title: 'problem' },
        ],
        runs.map((one) => {
          const sums = sumsOf(one.result);
          const took = lengthOf(one, now);
          return {
            id: one.id,
            cells: {
              run: textCell(shortId(one.id)),
              state: runState(one.state),
              kind: textCell(one.kind),
              machine: textCell(one.machineName),
              policy: one.policy === null ? noCell : textCell(`${one.policy.policy}/${one.policy.workflow}`),
              began: timeCell(one.startedAt ?? one.createdAt),
              took: took === null ? noCell : durationCell(took),
              read: bytesCell(sums?.readBytes),
              stored: bytesCell(one.kind === 'protect' ? sums?.storedBytes : null),
              problem: one.error === null ? noCell : textCell(one.error.code),
            },
          };
        }),
        'no runs yet: `holdfast protect MACHINE` makes one',
      ),
      ['policy', 'problem'],
    ),
  };
};
