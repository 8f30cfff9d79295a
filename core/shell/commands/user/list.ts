import type { ShellHandler } from '../../contract.ts';
import { countCell, noCell, stateCell, tableView, textCell, timeCell } from '../../view/build.ts';
import { userData } from './person.ts';

export const run: ShellHandler = async (site) => {
  const users = await (await site.access()).users();
  const view = tableView(
    'Users',
    [
      { key: 'name', title: 'user', priority: 0 },
      { key: 'roles', title: 'roles', priority: 0 },
      { key: 'keys', title: 'keys', align: 'right' },
      { key: 'totp', title: 'one-time password' },
      { key: 'added', title: 'added', priority: 2 },
    ],
    users.map(({ name, roles, keys, totp, addedAt }) => ({
      id: name,
      cells: {
        name: textCell(name),
        roles: textCell(roles.join(', ')),
        keys: countCell(keys.length),
        totp: totp ? stateCell('asked for', 'good') : noCell,
        added: timeCell(addedAt),
      },
    })),
    'nobody may log in over SSH yet: `holdfast user add NAME --key FILE --role ROLE`',
  );
  return { data: { users: users.map(userData) }, view };
};
