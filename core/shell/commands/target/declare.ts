import type { ShellCommand } from '../../contract.ts';
import { args, names, several, text } from '../../registry/declare.ts';

const name = text('name of the target', names('target', 'NAME'));

export const passphraseArgument = text(
  'where the passphrase is: env:NAME, file:/path, command:program, keyring:service/account, systemd:name or sealed:name; default is to generate one',
  { 'x-value': 'REF' },
);
export const recoveryFileArgument = text(
  'write the recovery words to this file, which must not exist; default is to show them',
  {
    ...names('file', 'FILE'),
  },
);

export const familyArgument = text(
  'target whose repository the new one becomes a relative of: copies between them send only what is missing',
  names('target', 'TARGET'),
);

export const targetCommands: readonly ShellCommand[] = [
  {
    id: 'target.add',
    title: 'Add a target and make its repository, or take the one that is there',
    description: 'A repository that is there already is taken when --passphrase opens it.',
    args: args(
      {
        name: text('name that you give it: a–z, 0–9 and `-`', { 'x-value': 'NAME' }),
        use: text('kind of target, as `holdfast plugin list` shows; default is the only one', { 'x-value': 'KIND' }),
        path: text('folder, for kinds that take one', names('file', 'FOLDER')),
        set: several('a setting of this kind: KEY=VALUE', { 'x-value': 'SETTING' }),
        passphrase: passphraseArgument,
        recoveryFile: recoveryFileArgument,
        family: familyArgument,
      },
      ['name'],
    ),
    positionals: ['name'],
    danger: 'change',
    examples: [
      'holdfast target add second --use disk --path /mnt/usb/holdfast --family main',
      'holdfast target add second --use disk --path /mnt/usb/holdfast --passphrase file:/root/second.key --yes',
    ],
    load: () => import('./add.ts'),
  },
  {
    id: 'target.list',
    title: 'List targets',
    args: args({}),
    danger: 'read',
    examples: ['holdfast target list'],
    load: () => import('./list.ts'),
  },
  {
    id: 'target.doctor',
    title: 'Find out what targets can do, by trying it',
    args: args({ name }),
    positionals: ['name'],
    danger: 'read',
    examples: ['holdfast target doctor', 'holdfast target doctor main --json'],
    load: () => import('./doctor.ts'),
  },
  {
    id: 'target.remove',
    title: 'Remove a target from the configuration; what is stored on it stays',
    args: args({ name }, ['name']),
    positionals: ['name'],
    danger: 'change',
    examples: ['holdfast target remove second --yes'],
    load: () => import('./remove.ts'),
  },
];
