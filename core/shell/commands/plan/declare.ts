import type { ShellCommand } from '../../contract.ts';
import { args, names, text } from '../../registry/declare.ts';

export const planCommands: readonly ShellCommand[] = [
  {
    id: 'plan',
    title: 'Show what a policy file would change, and whether it can keep what it promises',
    description:
      'Additions, changes, removals; restore points that would expire; what each workflow will read and how long it takes, with the arithmetic. What cannot be kept is refused: the exit code is 0 only when `holdfast apply` would put the file in force. Nothing is changed.',
    args: args({
      file: text('policy file, - for stdin; default is the one in force, else policies.yaml beside the configuration', {
        ...names('file', 'FILE'),
        'x-short': 'f',
      }),
    }),
    danger: 'read',
    long: true,
    examples: ['holdfast plan -f protection.yaml', 'holdfast plan -f protection.yaml --json', 'holdfast plan -f -'],
    load: () => import('./plan.ts'),
  },
];
