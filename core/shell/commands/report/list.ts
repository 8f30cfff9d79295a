import type { ShellHandler } from '../../contract.ts';
import { plainData, tableView, textCell } from '../../view/build.ts';
import { shownReports } from '../../views/collect.ts';

export const run: ShellHandler = async (site) => {
  const reports = await shownReports(site);
  return {
    data: { reports: reports.map(({ owner, report }) => ({ owner, ...(plainData(report) as object) })) },
    view: tableView(
      'Reports',
      [
        { key: 'id', title: 'report', priority: 0 },
        { key: 'title', title: 'title', priority: 0 },
        { key: 'command', title: 'is the answer of' },
        { key: 'owner', title: 'of', priority: 2 },
      ],
      reports.map(({ owner, report }) => ({
        id: report.id,
        cells: {
          id: textCell(report.id),
          title: textCell(report.title),
          command: textCell(report.command.replaceAll('.', ' ')),
          owner: textCell(owner),
        },
      })),
      'no reports',
    ),
  };
};
