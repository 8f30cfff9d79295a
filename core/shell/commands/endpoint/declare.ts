import type { ShellCommand } from '../../contract.ts';
import { args, names, several, text } from '../../registry/declare.ts';

const name = text('name of the endpoint', names('endpoint', 'NAME'));

export const endpointCommands: readonly ShellCommand[] = [
  {
    id: 'endpoint.add',
    title: 'Add a hypervisor',
    description: 'It is checked first and written into the configuration only when it answers.',
    args: args(
      {
        name: text('name that you give it: a–z, 0–9 and `-`', { 'x-value': 'NAME' }),
        use: text('kind of hypervisor, as `holdfast plugin list` shows; default is the only one', {
          'x-value': 'KIND',
        }),
        path: text('folder of machines, for kinds that take one', names('file', 'FOLDER')),
        set: several('a setting of this kind: KEY=VALUE', { 'x-value': 'SETTING' }),
      },
      ['name'],
    ),
    positionals: ['name'],
    danger: 'change',
    examples: [
      'holdfast endpoint add lab --use kvm --path /srv/machines',
      'holdfast endpoint add lab --use kvm --set path=/srv/machines --yes',
    ],
    load: () => import('./add.ts'),
  },
  {
    id: 'endpoint.list',
    title: 'List endpoints',
    args: args({}),
    danger: 'read',
    examples: ['holdfast endpoint list'],
    load: () => import('./list.ts'),
  },
  {
    id: 'endpoint.check',
    title: 'Find out whether endpoints have what they need',
    args: args({ name }),
    positionals: ['name'],
    danger: 'read',
    examples: ['holdfast endpoint check', 'holdfast endpoint check lab --json'],
    load: () => import('./check.ts'),
  },
  {
    id: 'endpoint.remove',
    title: 'Remove an endpoint from the configuration',
    args: args({ name }, ['name']),
    positionals: ['name'],
    danger: 'change',
    examples: ['holdfast endpoint remove lab --yes'],
    load: () => import('./remove.ts'),
  },
];
