import type { ShellHandler } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { countCell, detailView, plainData, stackView, stateCell, tableView, textCell } from '../../view/build.ts';
import { auditLogOf } from './log.ts';

export const run: ShellHandler = async (site, args) => {
  const head = textOrNull(args, 'head')?.toLowerCase();
  const verdict = await (await auditLogOf(site)).verify(head);
  const { entries, checkpoints, problems } = verdict;
  const isWell = problems.length === 0;
  const summary = detailView('Audit log', [
    [
      'state',
      'State',
      isWell ? stateCell('whole', 'good') : stateCell(formatNumbered(problems.length, 'problem'), 'bad'),
    ],
    ['entries', 'Entries', countCell(entries)],
    ['checkpoints', 'Signed checkpoints', countCell(checkpoints)],
    ...(head === undefined ? [] : [['head', 'Kept head', textCell(head)] as const]),
  ]);
  const table = tableView(
    'Problems',
    [
      { key: 'entry', title: 'entry', align: 'right', priority: 0 },
      { key: 'problem', title: 'what is wrong', priority: 0 },
    ],
    problems.map(({ entry, problem }, index) => ({
      id: String(index),
      cells: { entry: countCell(entry), problem: textCell(problem) },
    })),
    'none',
  );
  const [first] = problems;
  return {
    data: plainData(verdict),
    view: isWell ? summary : stackView('', [summary, table]),
    ...(first === undefined
      ? {}
      : { failure: { code: 'AUDIT_DAMAGED' as const, message: `entry ${first.entry}: ${first.problem}` } }),
  };
};
