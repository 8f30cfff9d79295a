import type { ShellCommand } from '../../contract.ts';
import { args, names, text } from '../../registry/declare.ts';

export const keysCommands: readonly ShellCommand[] = [
  {
    id: 'keys.list',
    title: 'List keys of the workbench, what they do and whose they are',
    description:
      'Keys of a view work in that view. Your own keys, in `keys.json` beside the configuration, go before all of these.',
    args: args({ view: text('only those of this view', names('view', 'VIEW')) }),
    danger: 'read',
    examples: ['holdfast keys list', 'holdfast keys list --view machines'],
    load: () => import('./list.ts'),
  },
  {
    id: 'keys.conflicts',
    title: 'Show keys that are claimed twice, and who has them',
    args: args({}),
    danger: 'read',
    examples: ['holdfast keys conflicts'],
    load: () => import('./conflicts.ts'),
  },
];
