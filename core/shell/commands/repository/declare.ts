import type { ShellCommand } from '../../contract.ts';
import { args, names, text, yesNo } from '../../registry/declare.ts';

const target = text('target; may be left out when there is only one', names('target', 'TARGET'));
const label = (what: string, fallback: string) =>
  text(`name of the ${what}, for people`, { default: fallback, maxLength: 200, 'x-value': 'LABEL' });

export const repositoryCommands: readonly ShellCommand[] = [
  {
    id: 'repository.check',
    title: 'Check everything in a repository and name what is damaged',
    description:
      'The fast tier authenticates every record; --full also decompresses and hashes every byte. Damage is a non-zero exit that names objects, restore points, disks and offsets.',
    args: args({ target, full: yesNo('read every byte: decrypt, decompress, hash') }),
    positionals: ['target'],
    danger: 'read',
    long: true,
    examples: ['holdfast repository check', 'holdfast repository check main --full --json'],
    load: () => import('./check.ts'),
  },
  {
    id: 'repository.stats',
    title: 'Show what a repository holds and what deduplication saves',
    args: args({ target }),
    positionals: ['target'],
    danger: 'read',
    examples: ['holdfast repository stats main'],
    load: () => import('./stats.ts'),
  },
  {
    id: 'repository.reindex',
    title: 'Write the index of a repository anew from its packs',
    args: args({ target }),
    positionals: ['target'],
    danger: 'change',
    long: true,
    examples: ['holdfast repository reindex main --yes'],
    load: () => import('./reindex.ts'),
  },
  {
    id: 'repository.accept',
    title: 'Take an older state of a repository as the right one',
    description:
      'When a repository lacks restore points that this installation has seen in it, nothing more is written to it until someone says that this is meant, for example after its disk was restored from a copy.',
    args: args({ target }),
    positionals: ['target'],
    danger: 'destroy',
    examples: ['holdfast repository accept main --yes'],
    load: () => import('./accept.ts'),
  },
  {
    id: 'repository.key.list',
    title: 'List the keys that open a repository',
    args: args({ target }),
    positionals: ['target'],
    danger: 'read',
    examples: ['holdfast repository key list'],
    load: () => import('./key-list.ts'),
  },
  {
    id: 'repository.key.add',
    title: 'Add a passphrase that opens a repository',
    args: args(
      {
        target,
        passphrase: text('where the new passphrase is: env:NAME, file:/path, command:program, …', { 'x-value': 'REF' }),
        label: label('key', 'passphrase'),
      },
      ['passphrase'],
    ),
    positionals: ['target'],
    danger: 'change',
    examples: ['holdfast repository key add main --passphrase file:/root/second.key --label second --yes'],
    load: () => import('./key-add.ts'),
  },
  {
    id: 'repository.key.remove',
    title: 'Remove a key; the last one stays',
    args: args({ key: text('identity of the key, or its beginning', { 'x-value': 'KEY' }), target }, ['key']),
    positionals: ['key'],
    danger: 'destroy',
    examples: ['holdfast repository key remove 4fd1c0aa --target main --yes'],
    load: () => import('./key-remove.ts'),
  },
  {
    id: 'repository.key.recovery',
    title: 'Make new recovery words',
    args: args({
      target,
      label: label('words', 'recovery words'),
      recoveryFile: text('write them to this file, which must not exist', names('file', 'FILE')),
    }),
    positionals: ['target'],
    danger: 'change',
    examples: ['holdfast repository key recovery main --recovery-file words.txt --yes'],
    load: () => import('./key-recovery.ts'),
  },
];
