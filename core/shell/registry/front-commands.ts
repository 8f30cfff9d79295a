import type { CommandDeclaration } from '@holdfast/api';
import { args, text, whole, yesNo } from './declare.ts';

/** Commands that open a front. Only the wiring can give them their code: fronts stand above the shell. */
export const frontDeclarations: readonly (CommandDeclaration & {
  readonly description: string;
  readonly long: true;
})[] = [
  {
    id: 'workbench',
    title: 'Open the workbench: everything on one screen',
    description:
      'What `holdfast` alone does in a terminal. With --plain the same is printed line by line, for screen readers and simple lines.',
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
      listen: text('address and port; default is that of the configuration, else 127.0.0.1:2222', {
        'x-value': 'ADDRESS:PORT',
      }),
      idleMinutes: whole('minutes without a key after which a session ends', { minimum: 1, maximum: 10_000 }),
    }),
    danger: 'read',
    long: true,
    examples: ['holdfast serve', 'holdfast serve --listen 0.0.0.0:2222'],
  },
  {
    id: 'session.observe',
    title: 'Look on at somebody’s session; they are told',
    description: 'In the server only: `ssh -t HOST session observe SESSION`. Ends at Ctrl-C, or when the session ends.',
    args: args({ session: text('session, from `session list`', { 'x-value': 'SESSION' }) }, ['session']),
    positionals: ['session'],
    danger: 'read',
    long: true,
    examples: ['holdfast session observe 3f2a'],
  },
  {
    id: 'session.replay',
    title: 'Play a recorded session, or list what there is',
    description: 'Sessions are recorded where the configuration says `server: { record: true }`.',
    args: args({
      recording: text('recording; without it all are listed', { 'x-value': 'RECORDING' }),
      speed: { type: 'number', description: 'how many times as fast', minimum: 0.1, maximum: 100 },
    }),
    positionals: ['recording'],
    danger: 'read',
    long: true,
    examples: ['holdfast session replay', 'holdfast session replay 2026-11-22T10-00-00-000Z-3f2a --speed 4'],
  },
];
