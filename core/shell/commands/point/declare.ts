import type { ShellCommand } from '../../contract.ts';
import { args, names, several, text, whole } from '../../registry/declare.ts';

const point = text('identity of the restore point, or its beginning', names('point', 'POINT'));
const target = text('only on this target', names('target', 'TARGET'));
const keep = (what: string) => whole(`keep the newest of each of so many ${what}`, { minimum: 0, 'x-value': 'N' });

export const pointCommands: readonly ShellCommand[] = [
  {
    id: 'point.list',
    title: 'List restore points, newest first',
    args: args({ machine: text('only of this machine', names('machine', 'MACHINE')), target }),
    positionals: ['machine'],
    danger: 'read',
    examples: ['holdfast point list', 'holdfast point list web-07 --target main --json'],
    load: () => import('./list.ts'),
  },
  {
    id: 'point.show',
    title: 'Show one restore point',
    args: args({ point, target }, ['point']),
    positionals: ['point'],
    danger: 'read',
    examples: ['holdfast point show 8f2c41aa'],
    load: () => import('./show.ts'),
  },
  {
    id: 'point.timeline',
    title: 'Show the restore points of a machine in time: which are verified, damaged or missing',
    args: args({ machine: text('machine that was protected', names('machine', 'MACHINE')), target }, ['machine']),
    positionals: ['machine'],
    danger: 'read',
    examples: ['holdfast point timeline web-07', 'holdfast point timeline web-07 --json'],
    load: () => import('./timeline.ts'),
  },
  {
    id: 'point.verify',
    title: 'Read a restore point back and check every byte of it',
    args: args({ point, target }, ['point']),
    positionals: ['point'],
    danger: 'read',
    long: true,
    examples: ['holdfast point verify 8f2c41aa'],
    load: () => import('./verify.ts'),
  },
  {
    id: 'point.export',
    title: 'Write a disk of a restore point to a raw image file',
    description:
      'The file must not exist yet. `--to -` writes to stdout, for pipes. Parts of zeros are left as holes in a file.',
    args: args(
      {
        point,
        disk: text('key of the disk; may be left out when there is only one', { 'x-value': 'KEY' }),
        to: text('file to make, or `-` for stdout', names('file', 'FILE')),
        target,
      },
      ['point', 'to'],
    ),
    positionals: ['point'],
    danger: 'read',
    long: true,
    examples: [
      'holdfast point export 8f2c41aa --disk vda --to /srv/web-07-vda.raw',
      'holdfast point export 8f2c41aa --disk vda --to - | qemu-img convert -f raw -O qcow2 /dev/stdin vda.qcow2',
    ],
    load: () => import('./export.ts'),
  },
  {
    id: 'point.copy',
    title: 'Copy a restore point to another target',
    description:
      'Only what that target lacks travels. One that was broken off goes on where it was when it is run again; one that is there already is left alone.',
    args: args(
      {
        point,
        to: text('target to copy to', names('target', 'TARGET')),
        target,
        limit: text('at most so many bytes a second, read and written each: 20MB, 512KiB', { 'x-value': 'BYTES' }),
      },
      ['point', 'to'],
    ),
    positionals: ['point'],
    danger: 'change',
    long: true,
    examples: [
      'holdfast point copy 8f2c41aa --to second',
      'holdfast point copy 8f2c41aa --to second --limit 20MB --yes',
    ],
    load: () => import('./copy.ts'),
  },
  {
    id: 'point.forget',
    title: 'Forget restore points, by identity or by how many to keep',
    description:
      'The newest restore point of a machine is never forgotten. With --dry-run this is the retention simulator: it says which points would go and why the others stay. Their room comes back when the repository is collected: once a day by itself, or with `holdfast repository prune`.',
    args: args({
      points: several('identities of restore points, or their beginnings', names('point', 'POINT')),
      machine: text('apply the --keep rules to this machine', names('machine', 'MACHINE')),
      target,
      keepLast: whole('keep so many of the newest', { minimum: 0, 'x-value': 'N' }),
      keepHourly: keep('hours'),
      keepDaily: keep('days'),
      keepWeekly: keep('weeks'),
      keepMonthly: keep('months'),
      keepYearly: keep('years'),
    }),
    positionals: ['points'],
    danger: 'destroy',
    examples: [
      'holdfast point forget 8f2c41aa --yes',
      'holdfast point forget --machine web-07 --keep-daily 14 --keep-weekly 8 --dry-run',
    ],
    load: () => import('./forget.ts'),
  },
];
