import { allRoles } from '../../access/role-table.ts';
import type { ShellCommand } from '../../contract.ts';
import { listOf } from '../../registry/argument-values.ts';
import { args, names, several, text, yesNo } from '../../registry/declare.ts';

const name = text('name of the user', { ...names('user', 'NAME'), maxLength: 32 });
const roles = (what: string) => several(what, { items: { type: 'string', enum: allRoles }, 'x-value': 'ROLE' });

export const userCommands: readonly ShellCommand[] = [
  {
    id: 'user.add',
    title: 'Add a user who may log in over SSH',
    description:
      'viewer looks; operator protects and restores too; administrator sets up and destroys; auditor sees who did what; approver agrees to what others ask for. Nobody may do what none of their roles lets them. Where `approvals.destroy` is on, a second person has to agree, for whoever adds users hands out power.',
    args: args(
      {
        name,
        key: several('public key, or a file that holds some: as `ssh-keygen` makes it', names('file', 'FILE|TEXT')),
        role: roles('what the user may do'),
      },
      ['name', 'key', 'role'],
    ),
    positionals: ['name'],
    danger: 'change',
    fourEyes: true,
    examples: [
      'holdfast user add anna --key ~/.ssh/id_ed25519.pub --role operator --role approver',
      'holdfast user add ben --key "ssh-ed25519 AAAA… ben@desk" --role viewer --yes --json',
    ],
    settle: async (given) => ({ ...given, key: await (await import('./keys.ts')).readKeys(listOf(given, 'key')) }),
    load: () => import('./add.ts'),
  },
  {
    id: 'user.list',
    title: 'List users and what they may do',
    args: args({}),
    danger: 'read',
    examples: ['holdfast user list', 'holdfast user list --json'],
    load: () => import('./list.ts'),
  },
  {
    id: 'user.show',
    title: 'Show a user: roles, keys, and every command that they may run',
    args: args({ name }, ['name']),
    positionals: ['name'],
    danger: 'read',
    examples: ['holdfast user show anna', 'holdfast user show anna --json'],
    load: () => import('./show.ts'),
  },
  {
    id: 'user.role',
    title: 'Give a user other roles, in place of those they have',
    args: args({ name, role: roles('what the user may do from now on') }, ['name', 'role']),
    positionals: ['name'],
    danger: 'change',
    fourEyes: true,
    examples: ['holdfast user role anna --role operator --role auditor', 'holdfast user role anna --role viewer --yes'],
    load: () => import('./role.ts'),
  },
  {
    id: 'user.totp',
    title: 'Ask a user for a one-time password besides the key',
    description:
      'Makes a secret, seals it, and shows once the address that an authenticator takes, as text or made into a QR code. Running it again makes another, and the one before is good for nothing then.',
    args: args({ name, off: yesNo('ask for the key alone from now on') }, ['name']),
    positionals: ['name'],
    danger: 'change',
    examples: ['holdfast user totp anna', 'holdfast user totp anna --off --yes'],
    load: () => import('./totp.ts'),
  },
  {
    id: 'user.remove',
    title: 'Remove a user; they cannot log in any more',
    args: args({ name }, ['name']),
    positionals: ['name'],
    danger: 'change',
    examples: ['holdfast user remove anna --yes'],
    load: () => import('./remove.ts'),
  },
];
