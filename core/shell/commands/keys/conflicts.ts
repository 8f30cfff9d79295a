import type { ShellHandler } from '../../contract.ts';
import { plainData, stateCell, tableView, textCell } from '../../view/build.ts';
import { keySources } from '../../views/collect.ts';
import { allKeys, type KeyRow, keyConflicts } from '../../views/keys.ts';

const wording = ({ command, owner }: KeyRow): string => `${command.replaceAll('.', ' ')} (${owner})`;

export const run: ShellHandler = async (site) => {
  const conflicts = keyConflicts(allKeys(await keySources(site)));
  return {
    data: { conflicts: plainData(conflicts) },
    view: tableView(
      'Conflicts of keys',
      [
        { key: 'key', title: 'key', priority: 0 },
        { key: 'view', title: 'in', priority: 0 },
        { key: 'winner', title: 'does', priority: 0 },
        { key: 'losers', title: 'does not', priority: 0 },
      ],
      conflicts.map(({ key, view, winner, losers }, index) => ({
        id: String(index),
        cells: {
          key: textCell(key),
          view: textCell(view ?? 'everywhere'),
          winner: stateCell(wording(winner), 'good'),
          losers: stateCell(losers.map(wording).join(', '), 'risk'),
        },
      })),
      'none: every key has one meaning where it works',
    ),
  };
};
