import type { ShellCommand } from '../../contract.ts';
import { args, names, several, text } from '../../registry/declare.ts';
import { familyArgument, passphraseArgument, recoveryFileArgument } from '../target/declare.ts';

export const initCommands: readonly ShellCommand[] = [
  {
    id: 'init',
    title: 'Set up Holdfast: the first target, with its repository',
    description:
      'Makes the folders for configuration and data, the target’s folder where it has one, and the repository in it. What was interrupted goes on when it is run again. The recovery words are shown once and typed back, or written to a file that only you can read. The passphrase is generated into a file that only you can read, unless you say where it is.',
    args: args({
      target: text('name of the target', { default: 'main', 'x-value': 'NAME' }),
      use: text('kind of target, as `holdfast plugin list` shows; default is disk', { 'x-value': 'KIND' }),
      path: text('folder for the repository, for kinds that take one', names('file', 'FOLDER')),
      set: several('a setting of this kind: KEY=VALUE', { 'x-value': 'SETTING' }),
      passphrase: passphraseArgument,
      recoveryFile: recoveryFileArgument,
      family: familyArgument,
    }),
    danger: 'change',
    examples: [
      'holdfast init --target main --path /backup/holdfast',
      'holdfast init --target main --path /backup/holdfast --recovery-file words.txt --yes',
      'holdfast init --use disk --set path=/backup/holdfast --recovery-file words.txt --yes',
      'holdfast init --path /backup/holdfast --passphrase env:HOLDFAST_KEY --recovery-file words.txt --yes',
    ],
    load: () => import('./init.ts'),
  },
];
