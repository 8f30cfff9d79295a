import { mayRun, needsApproval } from '../../access/roles.ts';
import type { ShellHandler } from '../../contract.ts';
import { textOf } from '../../registry/argument-values.ts';
import { noCell, stackView, stateCell, tableView, textCell } from '../../view/build.ts';
import { findUser, userData, userView } from './person.ts';

const dangers = { read: 'looks', change: 'changes', destroy: 'destroys' } as const;

export const run: ShellHandler = async (site, args) => {
  const user = await findUser(site, textOf(args, 'name'));
  const actor = { ...user, from: 'nowhere', session: '' };
  const commands = (await site.commands())
    .filter((command) => command.hidden !== true && mayRun(actor, command))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const table = tableView(
    'May run',
    [
      { key: 'command', title: 'command', priority: 0 },
      { key: 'danger', title: 'what it does', priority: 0 },
      { key: 'approval', title: 'waits for' },
    ],
    commands.map((command) => ({
      id: command.id,
      cells: {
        command: textCell(command.id.replaceAll('.', ' ')),
        danger: stateCell(dangers[command.danger], command.danger === 'destroy' ? 'risk' : 'quiet'),
        approval: needsApproval(command) ? textCell('a second person, where approvals.destroy is on') : noCell,
      },
    })),
    'nothing',
  );
  return {
    data: { user: userData(user), commands: commands.map(({ id }) => id) },
    view: stackView('', [userView(`User ${user.name}`, user), table]),
  };
};
