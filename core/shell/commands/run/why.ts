import type { ShellHandler } from '../../contract.ts';
import { findRun } from '../../lookup/runs.ts';
import { textOf } from '../../registry/argument-values.ts';
import { plainData, tableView, textCell, timeCell } from '../../view/build.ts';

export const run: ShellHandler = async (site, args) => {
  const found = await findRun(site, textOf(args, 'run'));
  const reasons = await (await site.catalog()).jobs.reasons(found.id);
  return {
    data: { run: found.id, reasons: plainData(reasons) },
    view: tableView(
      `Why run ${found.id} did what it did`,
      [
        { key: 'at', title: 'when', priority: 2 },
        { key: 'decision', title: 'decision', priority: 0 },
        { key: 'because', title: 'because', priority: 0 },
      ],
      reasons.map((reason, index) => ({
        id: String(index),
        cells: { at: timeCell(reason.at), decision: textCell(reason.decision), because: textCell(reason.because) },
      })),
      'nothing was recorded: the run has not begun',
    ),
  };
};
