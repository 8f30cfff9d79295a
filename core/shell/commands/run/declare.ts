import type { ShellCommand } from '../../contract.ts';
import { args, names, text, whole } from '../../registry/declare.ts';

const run = text('identity of the run, or its beginning', names('run', 'RUN'));

export const runCommands: readonly ShellCommand[] = [
  {
    id: 'run.list',
    title: 'List runs, newest first',
    args: args({
      state: text('only runs in this state', {
        enum: ['waiting', 'running', 'done', 'partial', 'failed', 'cancelled'],
        'x-value': 'STATE',
      }),
      machine: text('only of the machine of this name or identity', names('machine', 'MACHINE')),
      limit: whole('at most so many', { minimum: 1, maximum: 10_000, default: 50, 'x-value': 'N' }),
    }),
    danger: 'read',
    examples: ['holdfast run list', 'holdfast run list --state failed --json'],
    load: () => import('./list.ts'),
  },
  {
    id: 'run.show',
    title: 'Show a run: its steps, figures and log',
    args: args({ run }, ['run']),
    positionals: ['run'],
    danger: 'read',
    examples: ['holdfast run show 8f2c41aa'],
    load: () => import('./show.ts'),
  },
  {
    id: 'run.watch',
    title: 'Watch a run live until it ends',
    description: 'Ctrl-C ends the watching, not the run.',
    args: args({ run }, ['run']),
    positionals: ['run'],
    danger: 'read',
    long: true,
    examples: ['holdfast run watch 8f2c41aa'],
    load: () => import('./watch.ts'),
  },
  {
    id: 'run.cancel',
    title: 'Stop a run safely',
    args: args({ run }, ['run']),
    positionals: ['run'],
    danger: 'change',
    examples: ['holdfast run cancel 8f2c41aa --yes'],
    load: () => import('./cancel.ts'),
  },
  {
    id: 'run.retry',
    title: 'Run a failed or cancelled run again, from where it got to',
    args: args({ run }, ['run']),
    positionals: ['run'],
    danger: 'change',
    long: true,
    examples: ['holdfast run retry 8f2c41aa --yes'],
    load: () => import('./retry.ts'),
  },
  {
    id: 'run.why',
    title: 'Say why a run did what it did',
    args: args({ run }, ['run']),
    positionals: ['run'],
    danger: 'read',
    examples: ['holdfast run why 8f2c41aa'],
    load: () => import('./why.ts'),
  },
];
