import type { ShellCommand } from '../../contract.ts';
import { args, names, text, whole, yesNo } from '../../registry/declare.ts';

export const auditCommands: readonly ShellCommand[] = [
  {
    id: 'audit.list',
    title: 'List who did what, newest first',
    args: args({
      who: text('only of this user', names('user', 'NAME')),
      what: text('only entries of this kind: `denied`, `login`, `break-glass`, …', { 'x-value': 'KIND' }),
      command: text('only of this command', { 'x-value': 'COMMAND' }),
      limit: whole('at most so many', { minimum: 1, maximum: 10_000, default: 50, 'x-value': 'N' }),
      before: whole('only entries before this number', { minimum: 1, 'x-value': 'N' }),
    }),
    danger: 'read',
    examples: ['holdfast audit list', 'holdfast audit list --who anna --what denied --json'],
    load: () => import('./list.ts'),
  },
  {
    id: 'audit.show',
    title: 'Show one entry of the audit log with all its facts',
    args: args({ entry: whole('number of the entry', { minimum: 1, 'x-value': 'N' }) }, ['entry']),
    positionals: ['entry'],
    danger: 'read',
    examples: ['holdfast audit show 1742', 'holdfast audit show 1742 --json'],
    load: () => import('./show.ts'),
  },
  {
    id: 'audit.verify',
    title: 'Check that nothing in the audit log was changed, removed, added or moved',
    description:
      'Follows the chain of hashes from the first entry to the last and checks each signed checkpoint. Whoever can read the signing key could write everything anew: keep the head elsewhere and name it with --head.',
    args: args({
      head: text('hash that `audit head` printed earlier: it must be there still', {
        pattern: '^[0-9a-fA-F]{64}$',
        'x-value': 'HASH',
      }),
    }),
    danger: 'read',
    long: true,
    examples: [
      'holdfast audit verify',
      'holdfast audit verify --head 3fe08fa3fd12ba39c0276ceb1bb59dcb0d8e8c37d5a2ecb9a3cb0cb1d5c1a0ce --json',
    ],
    load: () => import('./verify.ts'),
  },
  {
    id: 'audit.head',
    title: 'Print the hash of the last entry, to be kept elsewhere',
    args: args({}),
    danger: 'read',
    examples: ['holdfast audit head --json', 'holdfast audit head --json | ssh elsewhere "cat >> heads"'],
    load: () => import('./head.ts'),
  },
  {
    id: 'audit.export',
    title: 'Write the whole audit log to a file, one JSON document a line',
    description:
      'The file must not exist yet. `--to -` writes to stdout. The lines are those of the log, byte for byte.',
    args: args(
      { to: text('file to make, or `-` for stdout', names('file', 'FILE')), entries: yesNo('leave the header away') },
      ['to'],
    ),
    danger: 'read',
    examples: ['holdfast audit export --to audit.jsonl', 'holdfast audit export --to - | jq .who'],
    load: () => import('./export.ts'),
  },
];
