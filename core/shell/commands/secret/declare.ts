import type { ShellCommand } from '../../contract.ts';
import { args, text } from '../../registry/declare.ts';

const name = text('name, which the configuration then refers to as sealed:NAME', { 'x-value': 'NAME' });

export const secretCommands: readonly ShellCommand[] = [
  {
    id: 'config.secret.set',
    title: 'Seal a secret that the configuration refers to',
    description:
      'The sealed store is one file in the data folder behind one passphrase: HOLDFAST_SEAL_PASSPHRASE, a reference in HOLDFAST_SEAL_PASSPHRASE_FROM, or asked for. A secret is never given on the command line, where everybody could read it.',
    args: args({ name, from: text('where the secret is now; default is to ask for it', { 'x-value': 'REF' }) }, [
      'name',
    ]),
    positionals: ['name'],
    danger: 'change',
    examples: [
      'holdfast config secret set disk-main',
      'holdfast config secret set disk-main --from file:/root/passphrase --yes',
    ],
    load: () => import('./set.ts'),
  },
  {
    id: 'config.secret.list',
    title: 'List the names of sealed secrets',
    args: args({}),
    danger: 'read',
    examples: ['holdfast config secret list'],
    load: () => import('./list.ts'),
  },
  {
    id: 'config.secret.remove',
    title: 'Remove a sealed secret',
    args: args({ name }, ['name']),
    positionals: ['name'],
    danger: 'destroy',
    examples: ['holdfast config secret remove disk-main --yes'],
    load: () => import('./remove.ts'),
  },
];
