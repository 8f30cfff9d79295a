import type { ShellCommand } from '../../contract.ts';
import { args } from '../../registry/declare.ts';

export const viewCommands: readonly ShellCommand[] = [
  {
    id: 'view.list',
    title: 'List the views of the workbench and whose they are',
    args: args({}),
    danger: 'read',
    examples: ['holdfast view list', 'holdfast view list --json'],
    load: () => import('./list.ts'),
  },
];
