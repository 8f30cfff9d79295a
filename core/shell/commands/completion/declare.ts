import type { ShellCommand } from '../../contract.ts';
import { args, text } from '../../registry/declare.ts';

export const completionCommands: readonly ShellCommand[] = [
  {
    id: 'completion',
    title: 'Print a completion script for a shell',
    description:
      'bash: add `source <(holdfast completion bash)` to ~/.bashrc. zsh: add `source <(holdfast completion zsh)` to ~/.zshrc, after compinit. fish: `holdfast completion fish > ~/.config/fish/completions/holdfast.fish`.',
    args: args({ shell: text('for which shell', { enum: ['bash', 'zsh', 'fish'], 'x-value': 'SHELL' }) }, ['shell']),
    positionals: ['shell'],
    danger: 'read',
    examples: ['holdfast completion bash', 'holdfast completion fish > ~/.config/fish/completions/holdfast.fish'],
    load: () => import('./script.ts'),
  },
  {
    id: 'completion.names',
    title: 'Print the names of a kind of thing, one a line, for completion scripts',
    args: args(
      {
        kind: text('which names', {
          enum: [
            ...['machine', 'target', 'endpoint', 'point', 'run', 'plugin'],
            ...['theme', 'report', 'view', 'user', 'approval', 'session', 'notifier'],
          ],
          'x-value': 'KIND',
        }),
      },
      ['kind'],
    ),
    positionals: ['kind'],
    danger: 'read',
    hidden: true,
    examples: ['holdfast completion names machine'],
    load: () => import('./names.ts'),
  },
];
