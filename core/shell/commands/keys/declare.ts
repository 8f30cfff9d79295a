import type { ShellCommand } from '../../contract.ts';
import { args, names, text } from '../../registry/declare.ts';

export const keysCommands: readonly ShellCommand[] = [
  {
    id: 'keys.list',
    title: 'List keys of views and plugins, what they do and whose they are',
    description:
      'Keys of a view work in that view. Those of the workbench itself are shown there by `?`; your own, in `keys.json` beside the configuration, go before all others.',
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
