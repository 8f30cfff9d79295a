import { faintPairs } from '../../../model/theme/pairs.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { textOf } from '../../registry/argument-values.ts';
import { detailView, plainData, stackView, stateCell, tableView, textCell } from '../../view/build.ts';
import { findTheme } from './find.ts';

const rounded = (contrast: number): number => Math.round(contrast * 100) / 100;

export const run: ShellHandler = async (site, args) => {
  const { theme, read } = await findTheme(site, textOf(args, 'theme'));
  const faint = faintPairs(read.colours).map((pair) => ({ ...pair, contrast: rounded(pair.contrast) }));
  const { unreadable } = read;
  const isGood = faint.length === 0 && unreadable.length === 0;
  const sums = detailView(theme.label, [
    ['state', 'State', isGood ? stateCell('reads well', 'good') : stateCell('could be read better', 'risk')],
    ['kind', 'Kind', textCell(read.kind)],
    ['file', 'File', textCell(theme.file)],
    ...(unreadable.length === 0
      ? []
      : ([['unreadable', 'Passed over, no colours', textCell(unreadable.slice(0, 20).join(', '))]] as const)),
  ]);
  const table = tableView(
    'Hard to see',
    [
      { key: 'text', title: 'text', priority: 0 },
      { key: 'on', title: 'on', priority: 0 },
      { key: 'contrast', title: 'contrast', align: 'right', priority: 0 },
      { key: 'least', title: 'should be', align: 'right' },
    ],
    faint.map(({ text, on, contrast, least }) => ({
      id: `${text} ${on}`,
      cells: {
        text: textCell(text),
        on: textCell(on),
        contrast: textCell(contrast.toFixed(2)),
        least: textCell(least.toFixed(1)),
      },
    })),
    'nothing',
  );
  return {
    data: { id: theme.id, file: theme.file, kind: read.kind, faint: plainData(faint), unreadable },
    view: faint.length === 0 ? sums : stackView('', [sums, table]),
    ...(isGood
      ? {}
      : {
          failure: {
            code: 'THEME_INVALID' as const,
            message: `${theme.label}: ${formatNumbered(faint.length, 'pair')} hard to see, ${formatNumbered(unreadable.length, 'value')} no colour`,
            remedy: 'it works all the same; name other colours for what is listed',
          },
        }),
  };
};
