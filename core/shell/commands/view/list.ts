import type { ShellHandler } from '../../contract.ts';
import { noCell, plainData, stateCell, tableView, textCell, withoutEmpty } from '../../view/build.ts';
import { shownViews } from '../../views/collect.ts';

export const run: ShellHandler = async (site) => {
  const { shown, refused } = await shownViews(site);
  const all = [...shown.map((one) => ({ ...one, reason: null })), ...refused];
  return {
    data: {
      views: shown.map(({ owner, view }) => ({ owner, ...(plainData(view) as object) })),
      refused: refused.map(({ owner, view, reason }) => ({ owner, id: view.id, reason })),
    },
    view: withoutEmpty(
      tableView(
        'Views',
        [
          { key: 'id', title: 'view', priority: 0 },
          { key: 'state', title: 'state', priority: 1 },
          { key: 'title', title: 'title' },
          { key: 'activity', title: 'stands in' },
          { key: 'command', title: 'shows what this says', priority: 0 },
          { key: 'owner', title: 'of', priority: 2 },
          { key: 'reason', title: 'problem', priority: 0 },
        ],
        all.map(({ owner, view, reason }) => ({
          // A refused view may bear the id of another one.
          id: reason === null ? view.id : `${owner}/${view.id}`,
          cells: {
            id: textCell(view.id),
            state: reason === null ? stateCell('shown', 'good') : stateCell('left out', 'risk'),
            title: textCell(view.title),
            activity: textCell(view.activity),
            command: textCell(view.command.replaceAll('.', ' ')),
            owner: textCell(owner),
            reason: reason === null ? noCell : textCell(reason),
          },
        })),
        'no views',
      ),
      ['reason'],
    ),
  };
};
