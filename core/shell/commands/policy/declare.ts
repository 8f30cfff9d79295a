import type { ShellCommand } from '../../contract.ts';
import { args, names, text } from '../../registry/declare.ts';

const endpoint = text('only machines on this endpoint', names('endpoint', 'ENDPOINT'));

export const policyCommands: readonly ShellCommand[] = [
  {
    id: 'policy.list',
    title: 'List the policies in force: machines, next run, and whether promises are kept',
    args: args({}),
    danger: 'read',
    examples: ['holdfast policy list', 'holdfast policy list --json'],
    load: () => import('./list.ts'),
  },
  {
    id: 'policy.show',
    title: 'Show a policy in force: what it says, its machines, its workflows',
    args: args({ policy: text('name of the policy', names('policy', 'POLICY')) }, ['policy']),
    positionals: ['policy'],
    danger: 'read',
    examples: ['holdfast policy show gold'],
    load: () => import('./show.ts'),
  },
  {
    id: 'policy.history',
    title: 'List the policies that were applied, newest first',
    description: '`holdfast apply --id N` puts one of them in force again.',
    args: args({}),
    danger: 'read',
    examples: ['holdfast policy history'],
    load: () => import('./history.ts'),
  },
  {
    id: 'policy.template',
    title: 'Print a policy file to begin with: gold, silver or bronze',
    args: args(
      {
        template: text('which one', { enum: ['gold', 'silver', 'bronze'], 'x-value': 'TEMPLATE' }),
        to: text('target; may be left out when there is only one', names('target', 'TARGET')),
        endpoint,
        name: text('name of the policy; default is that of the template', { 'x-value': 'NAME' }),
      },
      ['template'],
    ),
    positionals: ['template'],
    danger: 'read',
    examples: [
      'holdfast policy template gold --to main > protection.yaml',
      'holdfast policy template silver --endpoint lab',
    ],
    load: () => import('./template.ts'),
  },
];
