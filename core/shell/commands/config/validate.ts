import { validateConfig } from '../../../config/inspect.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { detailView, noCell, plainData, stackView, stateCell, tableView, textCell } from '../../view/build.ts';

export const run: ShellHandler = async (site) => {
  const verdict = await validateConfig(await site.configOptions());
  const files = verdict.files.length === 0 ? 'none: defaults are in effect' : verdict.files.join(', ');
  const state = detailView('Configuration', [
    ['state', 'State', verdict.valid ? stateCell('valid', 'good') : stateCell('not valid', 'bad')],
    ['files', 'Files', textCell(files)],
    ...(verdict.untrusted.length === 0
      ? []
      : ([['untrusted', 'Not trusted', textCell(verdict.untrusted.join(', '))]] as const)),
  ]);
  if (verdict.valid) return { data: plainData(verdict), view: state };
  const problems = tableView(
    'Problems',
    [
      { key: 'place', title: 'where', priority: 0 },
      { key: 'key', title: 'key', priority: 0 },
      { key: 'message', title: 'what', priority: 0 },
      { key: 'nearest', title: 'meant?' },
    ],
    verdict.problems.map(({ file, line, column, key, message, nearest }, index) => ({
      id: String(index),
      cells: {
        place: textCell(line > 0 ? `${file}:${line}:${column}` : file),
        key: textCell(key),
        message: textCell(message),
        nearest: nearest === undefined ? noCell : textCell(nearest),
      },
    })),
    'none',
  );
  const [first] = verdict.problems;
  return {
    data: plainData(verdict),
    view: stackView('', [state, problems]),
    failure: {
      code: 'CONFIG_INVALID',
      message: `${formatNumbered(verdict.problems.length, 'problem')} in the configuration${first === undefined ? '' : `, the first in ${first.file}`}`,
    },
  };
};
