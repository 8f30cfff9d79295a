import type { ShellCommand } from '../../contract.ts';
import { args, names, text } from '../../registry/declare.ts';

export const reportCommands: readonly ShellCommand[] = [
  {
    id: 'report.list',
    title: 'List reports',
    args: args({}),
    danger: 'read',
    examples: ['holdfast report list'],
    load: () => import('./list.ts'),
  },
  {
    id: 'report.show',
    title: 'Make a report',
    description: 'A report is the answer of a command that reads: `--json` gives it to other programs.',
    args: args({ report: text('id of the report', names('report', 'REPORT')) }, ['report']),
    positionals: ['report'],
    danger: 'read',
    long: true,
    examples: ['holdfast report show protection', 'holdfast report show failures --json'],
    load: () => import('./show.ts'),
  },
];
