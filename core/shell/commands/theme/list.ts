import { isHoldfastError } from '@holdfast/api';
import { faintPairs } from '../../../model/theme/pairs.ts';
import type { ShellHandler } from '../../contract.ts';
import { formatNumbered } from '../../format/numbers.ts';
import { type ListedTheme, listThemes } from '../../themes/all-themes.ts';
import { readThemeFile } from '../../themes/theme-file.ts';
import { stateCell, tableView, textCell } from '../../view/build.ts';

interface Looked {
  readonly kind: string | null;
  readonly faint: number;
  readonly problem: string | null;
}

async function look({ file, owner, uiTheme }: ListedTheme): Promise<Looked> {
  try {
    const { kind, colours } = await readThemeFile(file, owner === 'own' ? undefined : uiTheme);
    return { kind, faint: faintPairs(colours).length, problem: null };
  } catch (problem) {
    if (!isHoldfastError(problem)) throw problem;
    return { kind: null, faint: 0, problem: problem.message };
  }
}

function state({ problem, faint }: Looked) {
  if (problem !== null) return stateCell(problem, 'bad');
  return faint === 0 ? stateCell('reads well', 'good') : stateCell(`${formatNumbered(faint, 'faint pair')}`, 'risk');
}

export const run: ShellHandler = async (site) => {
  const themes = await listThemes(site);
  const looked = await Promise.all(themes.map(async (theme) => ({ theme, ...(await look(theme)) })));
  return {
    data: {
      themes: looked.map(({ theme: { id, label, owner, file }, kind, faint, problem }) => ({
        id,
        label,
        owner,
        file,
        kind,
        faint,
        problem,
      })),
    },
    view: tableView(
      'Themes',
      [
        { key: 'id', title: 'theme', priority: 0 },
        { key: 'label', title: 'name', priority: 0 },
        { key: 'kind', title: 'kind' },
        { key: 'state', title: 'state', priority: 1 },
        { key: 'owner', title: 'of', priority: 2 },
      ],
      looked.map(({ theme, ...found }) => ({
        id: theme.id,
        cells: {
          id: textCell(theme.id),
          label: textCell(theme.label),
          kind: textCell(found.kind ?? '–'),
          state: state(found),
          owner: textCell(theme.owner),
        },
      })),
      'no themes',
    ),
  };
};
