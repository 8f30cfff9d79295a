import type { ShellHandler } from '../../contract.ts';
import { countCell, noCell, plainData, stateCell, tableView, textCell, timeCell } from '../../view/build.ts';

export const run: ShellHandler = async (site) => {
  const rows = await (await site.catalog()).policies.history();
  return {
    data: { history: rows.map(plainData) },
    view: tableView(
      'Policies that were applied',
      [
        { key: 'number', title: 'number', align: 'right', priority: 0 },
        { key: 'state', title: 'state', priority: 0 },
        { key: 'at', title: 'when', priority: 0 },
        { key: 'who', title: 'by', priority: 0 },
        { key: 'source', title: 'from' },
      ],
      rows.map(({ id, at, who, source }, index) => ({
        id: String(id),
        cells: {
          number: countCell(id),
          state: index === 0 ? stateCell('in force', 'good') : noCell,
          at: timeCell(at),
          who: textCell(who),
          source: textCell(source),
        },
      })),
      'no policies were ever applied',
    ),
  };
};
