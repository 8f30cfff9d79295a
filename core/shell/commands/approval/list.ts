import { isPast } from '../../access/approvals.ts';
import type { ShellHandler } from '../../contract.ts';
import { isSet } from '../../registry/argument-values.ts';
import { plainData, tableView, textCell, timeCell } from '../../view/build.ts';
import { lineOf, standingCell } from './shown.ts';

export const run: ShellHandler = async (site, args) => {
  const now = site.now();
  const all = (await (await site.access()).approvals()).toReversed();
  const shown = isSet(args, 'all') ? all : all.filter((one) => !isPast(one, now));
  const lines = await Promise.all(shown.map((one) => lineOf(site, one)));
  const view = tableView(
    'Approvals',
    [
      { key: 'id', title: 'approval', priority: 0 },
      { key: 'state', title: 'state', priority: 0 },
      { key: 'command', title: 'for', priority: 0 },
      { key: 'asked', title: 'asked by' },
      { key: 'why', title: 'why' },
      { key: 'decided', title: 'decided by', priority: 2 },
      { key: 'until', title: 'ends', priority: 2 },
    ],
    shown.map((one, index) => ({
      id: one.id,
      cells: {
        id: textCell(one.id),
        state: standingCell(one, now),
        command: textCell(lines[index] ?? one.command),
        asked: textCell(one.asked.by),
        why: textCell(one.asked.reason),
        decided: textCell(one.decided?.by ?? '–'),
        until: timeCell(one.expiresAt),
      },
    })),
    'nothing waits for a second person; `holdfast approval ask` asks for one',
  );
  return { data: { approvals: plainData(shown) }, view };
};
