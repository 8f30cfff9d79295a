import type { ShellHandler } from '../../contract.ts';
import { textOrNull } from '../../registry/argument-values.ts';
import { noCell, plainData, tableView, textCell, withoutEmpty } from '../../view/build.ts';
import { keySources } from '../../views/collect.ts';
import { allKeys } from '../../views/keys.ts';

export const run: ShellHandler = async (site, args) => {
  const only = textOrNull(args, 'view');
  const keys = allKeys(await keySources(site)).filter(({ view }) => only === null || view === only);
  return {
    data: { keys: plainData(keys) },
    view: withoutEmpty(
      tableView(
        'Keys',
        [
          { key: 'key', title: 'key', priority: 0 },
          { key: 'view', title: 'in', priority: 0 },
          { key: 'title', title: 'does', priority: 0 },
          { key: 'command', title: 'command' },
          { key: 'when', title: 'when', priority: 2 },
          { key: 'owner', title: 'of', priority: 2 },
        ],
        keys.map((row, index) => ({
          id: String(index),
          cells: {
            key: textCell(row.key),
            view: textCell(row.view ?? 'everywhere'),
            title: textCell(row.title),
            command: textCell(row.command.replaceAll('.', ' ')),
            when: row.when === null ? noCell : textCell(row.when),
            owner: textCell(row.owner),
          },
        })),
        'no keys',
      ),
      ['when'],
    ),
  };
};
