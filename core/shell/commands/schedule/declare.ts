import type { ShellCommand } from '../../contract.ts';
import { args, names, several, text, whole } from '../../registry/declare.ts';

export const scheduleCommands: readonly ShellCommand[] = [
  {
    id: 'schedule.list',
    title: 'List the workflows of the policies in force: when they ran and run, and what was missed',
    args: args({}),
    danger: 'read',
    examples: ['holdfast schedule list', 'holdfast schedule list --json'],
    load: () => import('./list.ts'),
  },
  {
    id: 'schedule.preview',
    title: 'Show what will begin when, in the days to come',
    args: args({
      days: whole('so many days ahead', { minimum: 1, maximum: 366, default: 7, 'x-value': 'DAYS' }),
      policy: text('only of this policy', names('policy', 'POLICY')),
      limit: whole('at most so many', { minimum: 1, maximum: 10_000, default: 200, 'x-value': 'N' }),
    }),
    danger: 'read',
    examples: ['holdfast schedule preview --days 7', 'holdfast schedule preview --policy gold --json'],
    load: () => import('./preview.ts'),
  },
  {
    id: 'schedule.run',
    title: 'Run a workflow of a policy now, whatever its schedule says',
    description:
      'A workflow need be named only where the policy has several. Windows and blackouts do not hold for what a person asks for.',
    args: args(
      {
        policy: text('name of the policy, or POLICY/WORKFLOW', names('policy', 'POLICY')),
        workflow: text('name of the workflow', { 'x-value': 'WORKFLOW' }),
        machine: several('only these of its machines: names, ENDPOINT/NAME or identities', names('machine', 'MACHINE')),
      },
      ['policy'],
    ),
    positionals: ['policy', 'workflow'],
    danger: 'change',
    long: true,
    examples: ['holdfast schedule run gold', 'holdfast schedule run gold weekly --machine lab/erp-db --yes'],
    load: () => import('./run.ts'),
  },
  {
    id: 'schedule.tick',
    title: 'Run what is due now, then end: for a timer',
    description:
      'What is due was agreed to when the policies were applied, so that nobody is asked. While another process runs schedules this does nothing and is no failure. Exit code 3: some runs failed.',
    args: args({}),
    danger: 'change',
    long: true,
    examples: ['holdfast schedule tick', 'holdfast schedule tick --json', 'holdfast schedule tick --dry-run'],
    load: () => import('./tick.ts'),
  },
];
