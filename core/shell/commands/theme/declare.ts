import type { ShellCommand } from '../../contract.ts';
import { args, names, text } from '../../registry/declare.ts';

const theme = text('id of the theme, or a file', names('theme', 'THEME'));

export const themeCommands: readonly ShellCommand[] = [
  {
    id: 'theme.list',
    title: 'List colour themes of the workbench',
    description: 'Any VS Code colour theme works: put its JSON file into the folder `themes` beside the configuration.',
    args: args({}),
    danger: 'read',
    examples: ['holdfast theme list'],
    load: () => import('./list.ts'),
  },
  {
    id: 'theme.show',
    title: 'Show the colours of a theme',
    args: args({ theme }, ['theme']),
    positionals: ['theme'],
    danger: 'read',
    examples: ['holdfast theme show dark'],
    load: () => import('./show.ts'),
  },
  {
    id: 'theme.check',
    title: 'Check that a theme can be read: its file, and the contrast of its texts',
    args: args({ theme }, ['theme']),
    positionals: ['theme'],
    danger: 'read',
    examples: ['holdfast theme check dark', 'holdfast theme check ./my-theme.json'],
    load: () => import('./check.ts'),
  },
];
