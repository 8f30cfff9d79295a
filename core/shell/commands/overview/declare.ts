import type { ShellCommand } from '../../contract.ts';
import { args, text } from '../../registry/declare.ts';

export const overviewCommands: readonly ShellCommand[] = [
  {
    id: 'overview',
    title: 'Show what is protected and what is not, and what needs you',
    description:
      'A machine is protected when its newest restore point is as new as its policies promise (24 hours where none says) and nothing has failed since. This tells what the catalog knows: it asks neither hypervisors nor targets; `holdfast machine list` and `holdfast target doctor` bring it up to date.',
    args: args({}),
    danger: 'read',
    examples: ['holdfast overview', 'holdfast overview --json'],
    load: () => import('./overview.ts'),
  },
  {
    id: 'overview.item',
    title: 'Show what a line of the overview is about',
    args: args(
      {
        item: text(
          'identity of the line: a machine, a run, a target, a plugin, or @failed, @at-risk, @unprotected, @uncovered',
          {
            'x-value': 'ITEM',
          },
        ),
      },
      ['item'],
    ),
    positionals: ['item'],
    danger: 'read',
    hidden: true,
    examples: ['holdfast overview item @unprotected', 'holdfast overview item lab/web-07'],
    load: () => import('./item.ts'),
  },
];
