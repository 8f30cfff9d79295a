import type { ShellCommand } from '../../contract.ts';
import { args, text } from '../../registry/declare.ts';

export const alarmCommands: readonly ShellCommand[] = [
  {
    id: 'alarm.list',
    title: 'Show what is not as it should be',
    description:
      'What was promised is compared with what is by `holdfast serve` and `holdfast schedule tick`; this shows what they have found.',
    args: args({ since: text('also what was so in the time before now: 7d, 12h', { 'x-value': 'TIME' }) }),
    danger: 'read',
    examples: ['holdfast alarm list', 'holdfast alarm list --since 7d --json'],
    load: () => import('./list.ts'),
  },
];
