import type { ShellCommand } from '../../contract.ts';
import { args, names, text } from '../../registry/declare.ts';
import { passphraseArgument, recoveryFileArgument } from '../target/declare.ts';

export const initCommands: readonly ShellCommand[] = [
  {
    id: 'init',
    title: 'Set up Holdfast: a folder on a disk as the first target, with its repository',
    description:
      'Makes the folders for configuration and data, the target’s folder and the repository in it. The recovery words are shown once and typed back, or written to a file that only you can read. The passphrase is generated into a file that only you can read, unless you say where it is.',
    args: args(
      {
        target: text('name of the target', { default: 'main', 'x-value': 'NAME' }),
        path: text('folder for the repository', names('file', 'FOLDER')),
        passphrase: passphraseArgument,
        recoveryFile: recoveryFileArgument,
      },
      ['path'],
    ),
    danger: 'change',
    examples: [
      'holdfast init --target main --path /backup/holdfast',
      'holdfast init --target main --path /backup/holdfast --recovery-file words.txt --yes',
      'holdfast init --path /backup/holdfast --passphrase env:HOLDFAST_KEY --recovery-file words.txt --yes',
    ],
    load: () => import('./init.ts'),
  },
];
