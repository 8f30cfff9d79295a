import type { ShellCommand } from '../../contract.ts';
import { args, names, text } from '../../registry/declare.ts';

export const sessionCommands: readonly ShellCommand[] = [
  {
    id: 'session.list',
    title: 'List who has the workbench open over SSH',
    description:
      'Sessions belong to the process of `holdfast serve`: ask it over SSH, or in a workbench that it shows.',
    args: args({}),
    danger: 'read',
    examples: ['holdfast session list --json'],
    load: () => import('./list.ts'),
  },
  {
    id: 'session.end',
    title: 'End somebody’s session, telling them why',
    args: args(
      {
        session: text('identity of the session, or its beginning', names('session', 'SESSION')),
        reason: text('what they are told', { default: 'ended by an administrator', maxLength: 200, 'x-value': 'WHY' }),
      },
      ['session'],
    ),
    positionals: ['session'],
    danger: 'change',
    examples: ['holdfast session end 4fd1c0aa --reason maintenance --yes'],
    load: () => import('./end.ts'),
  },
  {
    id: 'session.terminal',
    title: 'Note that somebody opens a terminal to a host',
    description: 'What the workbench runs before it opens one: who may not is refused, and it stands in the audit log.',
    args: args({ host: text('host, or user@host', { 'x-value': 'HOST', maxLength: 320 }) }, ['host']),
    positionals: ['host'],
    danger: 'change',
    hidden: true,
    examples: ['holdfast session terminal root@esx-lon --yes'],
    load: () => import('./terminal.ts'),
  },
];
