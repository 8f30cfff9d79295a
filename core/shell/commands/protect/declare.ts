import type { ShellCommand } from '../../contract.ts';
import { args, names, several, text } from '../../registry/declare.ts';

export const protectCommands: readonly ShellCommand[] = [
  {
    id: 'protect',
    title: 'Protect machines now: one restore point each',
    description:
      'Machines are protected one after the other. With --dry-run the plan is shown: steps, bytes, time, and which restore points would expire.',
    args: args(
      {
        machines: several('names, ENDPOINT/NAME or identities', names('machine', 'MACHINE')),
        to: text('target; may be left out when there is only one', names('target', 'TARGET')),
        steps: several('steps of the workflow, in order', {
          default: ['snapshot', 'proxy'],
          'x-separator': ',',
          'x-value': 'STEP,…',
        }),
        quiesce: text('how still the guest is held: default of the snapshot step', {
          enum: ['none', 'filesystem', 'application'],
          'x-value': 'HOW',
        }),
        dedupe: text('what is done about data that is there already: default is as the target says', {
          enum: ['immediate', 'deferred', 'off'],
          'x-value': 'MODE',
        }),
        set: several('a setting of a step: STEP.KEY=VALUE', { 'x-value': 'SETTING' }),
      },
      ['machines'],
    ),
    positionals: ['machines'],
    danger: 'change',
    long: true,
    examples: [
      'holdfast protect web-07',
      'holdfast protect web-07 erp-db --to main --yes',
      'holdfast protect web-07 --steps snapshot,proxy --quiesce filesystem --dry-run',
    ],
    load: () => import('./protect.ts'),
  },
];
