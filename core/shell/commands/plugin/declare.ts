import type { ShellCommand } from '../../contract.ts';
import { args, names, text, yesNo } from '../../registry/declare.ts';

const name = text('name of the plugin', names('plugin', 'PLUGIN'));
const folder = text('folder of the plugin', names('file', 'FOLDER'));

export const pluginCommands: readonly ShellCommand[] = [
  {
    id: 'plugin.list',
    title: 'List plugins and what they contribute',
    args: args({}),
    danger: 'read',
    examples: ['holdfast plugin list'],
    load: () => import('./list.ts'),
  },
  {
    id: 'plugin.show',
    title: 'Show a plugin: what it contributes, may do, and answers in its capability sheet',
    args: args({ name }, ['name']),
    positionals: ['name'],
    danger: 'read',
    examples: ['holdfast plugin show @holdfast/target-disk'],
    load: () => import('./show.ts'),
  },
  {
    id: 'plugin.settings',
    title: 'Show the settings of a hypervisor, target or technique',
    args: args({ use: text('what a plugin contributes, as `holdfast plugin list` shows', { 'x-value': 'KIND' }) }, [
      'use',
    ]),
    positionals: ['use'],
    danger: 'read',
    examples: ['holdfast plugin settings snapshot', 'holdfast plugin settings kvm --json'],
    load: () => import('./settings.ts'),
  },
  {
    id: 'plugin.check',
    title: 'Check a plugin’s manifest, schemas and capability sheet without running it',
    args: args({ plugin: text('name or folder of the plugin', names('plugin', 'PLUGIN')) }, ['plugin']),
    positionals: ['plugin'],
    danger: 'read',
    examples: ['holdfast plugin check ./my-nas', 'holdfast plugin check @holdfast/target-disk'],
    load: () => import('./check.ts'),
  },
  {
    id: 'plugin.test',
    title: 'Run the conformance kit on a plugin, in process and across a worker',
    description: 'This runs the plugin’s code with your rights.',
    args: args({ plugin: text('name or folder of the plugin', names('plugin', 'PLUGIN')) }, ['plugin']),
    positionals: ['plugin'],
    danger: 'change',
    long: true,
    examples: ['holdfast plugin test ./my-nas --yes'],
    load: () => import('./test.ts'),
  },
  {
    id: 'plugin.new',
    title: 'Make a working skeleton of a plugin, with a sheet to fill and tests',
    args: args(
      {
        kind: text('what it contributes', {
          enum: ['hypervisor', 'target', 'technique', 'notifier'],
          'x-value': 'KIND',
        }),
        name: text('npm package name in small letters', { 'x-value': 'NAME' }),
        folder: text('folder to make; default is its name', names('file', 'FOLDER')),
      },
      ['kind', 'name'],
    ),
    positionals: ['kind', 'name'],
    danger: 'change',
    examples: [
      'holdfast plugin new target my-nas',
      'holdfast plugin new technique scan --folder /srv/plugins/scan --yes',
    ],
    load: () => import('./new.ts'),
  },
  {
    id: 'plugin.add',
    title: 'Add a plugin from a folder; it runs once it is trusted',
    args: args({ folder, update: yesNo('put it in the place of the one of this name; trust it anew then') }, [
      'folder',
    ]),
    positionals: ['folder'],
    danger: 'change',
    examples: ['holdfast plugin add ./my-nas', 'holdfast plugin add ./my-nas --update --yes'],
    load: () => import('./add.ts'),
  },
  {
    id: 'plugin.trust',
    title: 'Let an added plugin run with your rights, with the content it has now',
    args: args({ name }, ['name']),
    positionals: ['name'],
    danger: 'change',
    fourEyes: true,
    examples: ['holdfast plugin trust my-nas'],
    load: () => import('./trust.ts'),
  },
  {
    id: 'plugin.remove',
    title: 'Remove an added plugin and the trust in it; its own data stays',
    args: args({ name }, ['name']),
    positionals: ['name'],
    danger: 'change',
    examples: ['holdfast plugin remove my-nas --yes'],
    load: () => import('./remove.ts'),
  },
];
