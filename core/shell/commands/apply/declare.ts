import type { ShellCommand } from '../../contract.ts';
import { args, names, text, whole } from '../../registry/declare.ts';

export const applyCommands: readonly ShellCommand[] = [
  {
    id: 'apply',
    title: 'Put a policy file in force, after showing what that changes',
    description:
      'The plan is shown first, with the restore points that would expire. From then on schedules and retention go by the text as it was applied; changing the file changes nothing until it is applied again. `--id` puts one of `holdfast policy history` in force again.',
    args: args({
      file: text('policy file, - for stdin; default is the one in force, else policies.yaml beside the configuration', {
        ...names('file', 'FILE'),
        'x-short': 'f',
      }),
      id: whole('number of policies that were applied before, instead of a file', { minimum: 1, 'x-value': 'N' }),
    }),
    danger: 'change',
    long: true,
    examples: [
      'holdfast apply -f protection.yaml',
      'holdfast apply -f protection.yaml --yes',
      'holdfast apply --id 7 --dry-run',
    ],
    load: () => import('./apply.ts'),
  },
];
