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
  {
    id: 'report.rpo',
    title: 'How well each machine’s recovery point objective was kept',
    description:
      'Objectives are those of the policies in force now, looked at over all of the time; restore points that have gone since are known by their runs.',
    args: args({ since: text('how far back: 30d, 12h; default is 30d', { 'x-value': 'TIME' }) }),
    danger: 'read',
    long: true,
    examples: ['holdfast report rpo --since 30d', 'holdfast report rpo --since 7d --json'],
    load: () => import('./rpo.ts'),
  },
];
