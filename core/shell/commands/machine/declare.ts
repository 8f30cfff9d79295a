import type { ShellCommand } from '../../contract.ts';
import { args, names, text } from '../../registry/declare.ts';

export const machineCommands: readonly ShellCommand[] = [
  {
    id: 'machine.list',
    title: 'List virtual machines and how they are protected',
    args: args({ endpoint: text('only those of this endpoint', names('endpoint', 'NAME')) }),
    danger: 'read',
    examples: ['holdfast machine list', 'holdfast machine list --endpoint lab --json'],
    load: () => import('./list.ts'),
  },
  {
    id: 'machine.show',
    title: 'Show one machine: its disks and its restore points',
    args: args({ name: text('name, ENDPOINT/NAME or identity', names('machine', 'MACHINE')) }, ['name']),
    positionals: ['name'],
    danger: 'read',
    examples: ['holdfast machine show web-07', 'holdfast machine show lab/web-07 --json'],
    load: () => import('./show.ts'),
  },
  {
    id: 'machine.power',
    title: 'Switch a machine on or off',
    description:
      '`shutdown` asks the guest and does not wait for it; `off` and `reset` pull the plug. Endpoints that cannot do it say so.',
    args: args(
      {
        name: text('name, ENDPOINT/NAME or identity', names('machine', 'MACHINE')),
        wish: text('what to do', { enum: ['on', 'shutdown', 'off', 'reset'], 'x-value': 'WISH' }),
      },
      ['name', 'wish'],
    ),
    positionals: ['name', 'wish'],
    danger: 'change',
    examples: ['holdfast machine power web-07 shutdown', 'holdfast machine power kvm1/web-07-r on --yes'],
    load: () => import('./power.ts'),
  },
];
