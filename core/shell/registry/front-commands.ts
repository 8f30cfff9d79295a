import type { CommandDeclaration } from '@holdfast/api';
import { args, text, whole, yesNo } from './declare.ts';

/** Commands that open a front. Only the wiring can give them their code: fronts stand above the shell. */
export const frontDeclarations: readonly (CommandDeclaration & { readonly description: string; readonly long: true })[] = [
  {
    id: 'workbench',
    title: 'Open the workbench: everything on one screen',
    description: 'What `holdfast` alone does in a terminal. With --plain the same is printed line by line, for screen readers and simple lines.',
    args: args({ plain: yesNo('print the same flat and take answers line by line') }),
    danger: 'read',
    long: true,
    examples: ['holdfast', 'holdfast workbench', 'holdfast --plain'],
  },
  {
    id: 'serve',
    title: 'Serve the workbench, commands and restore points over SSH',
    description:
      'A pty gets the workbench, `ssh HOST machine list --json` runs a command, sftp reads restore points. Users are added with `holdfast user add`. Ends at Ctrl-C or SIGTERM, safely.',
    args: args({
      listen: text('address and port; default is that of the configuration, else 127.0.0.1:2222', { 'x-value': 'ADDRESS:PORT' }),
      idleMinutes: whole('minutes without a key after which a session ends', { minimum: 1, maximum: 10_000 }),
    }),
    danger: 'read',
    long: true,
    examples: ['holdfast serve', 'holdfast serve --listen 0.0.0.0:2222'],
  },
];
