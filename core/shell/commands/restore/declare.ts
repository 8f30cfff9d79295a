import type { ShellCommand } from '../../contract.ts';
import { args, names, text, yesNo } from '../../registry/declare.ts';

export const restoreCommands: readonly ShellCommand[] = [
  {
    id: 'restore.machine',
    title: 'Restore a machine as a new one',
    description:
      'The machine that was protected is never overwritten: the restored one has a name of its own. Every byte is checked before it is written.',
    args: args(
      {
        name: text('machine that was protected: name, ENDPOINT/NAME or identity', names('machine', 'MACHINE')),
        as: text('name of the new machine', { 'x-value': 'NAME' }),
        at: text('`latest`, a restore point, or a time: 14:00, yesterday, 2026-11-22T14:00', {
          default: 'latest',
          'x-value': 'WHEN',
        }),
        to: text('endpoint to restore to; default is where the machine was', names('endpoint', 'ENDPOINT')),
        from: text('target to restore from; default is the one that has the point', names('target', 'TARGET')),
        evenDamaged: yesNo('keep the machine when parts of its disks are lost; it still fails and names them'),
      },
      ['name', 'as'],
    ),
    positionals: ['name'],
    danger: 'change',
    long: true,
    examples: [
      'holdfast restore machine web-07 --as web-07-restored',
      "holdfast restore machine web-07 --at '2026-11-22T14:00' --as web-07-r --to lab --dry-run",
    ],
    load: () => import('./machine.ts'),
  },
];
