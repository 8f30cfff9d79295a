import type { ShellCommand } from '../../contract.ts';
import { args, names, several, text } from '../../registry/declare.ts';

const name = text('name of the notifier', names('notifier', 'NAME'));

export const notifierCommands: readonly ShellCommand[] = [
  {
    id: 'notifier.add',
    title: 'Add a way to reach administrators',
    description: 'It is checked first and written into the configuration only when the check finds nothing failed.',
    args: args(
      {
        name: text('name that you give it: a–z, 0–9 and `-`', { 'x-value': 'NAME' }),
        use: text('kind of notifier: mail, webhook, command, syslog, or that of a plugin', { 'x-value': 'KIND' }),
        set: several('a setting of this kind: KEY=VALUE', { 'x-value': 'SETTING' }),
        tell: several('what is told to it; default is everything but digests', {
          items: { enum: ['run-failed', 'run-missed', 'rpo-missed', 'schedule', 'digest', 'cleared'] },
          'x-value': 'WHAT',
        }),
        digest: text('when it gets a digest: `daily 07:00`', { 'x-value': 'WHEN' }),
      },
      ['name'],
    ),
    positionals: ['name'],
    danger: 'change',
    examples: [
      'holdfast notifier add ops --use mail --set host=mail.example.org --set from=holdfast@example.org --set to=ops@example.org',
      'holdfast notifier add hook --use webhook --set url=https://hooks.example.org/holdfast --set secret=env:HOOK_SECRET --yes',
      "holdfast notifier add boss --use command --set program=/usr/local/bin/tell-boss --digest 'daily 07:00' --tell digest --yes",
    ],
    load: () => import('./add.ts'),
  },
  {
    id: 'notifier.list',
    title: 'List notifiers',
    args: args({}),
    danger: 'read',
    examples: ['holdfast notifier list'],
    load: () => import('./list.ts'),
  },
  {
    id: 'notifier.check',
    title: 'Find out whether notifiers have what they need; nothing is sent',
    args: args({ name }),
    positionals: ['name'],
    danger: 'read',
    examples: ['holdfast notifier check', 'holdfast notifier check ops --json'],
    load: () => import('./check.ts'),
  },
  {
    id: 'notifier.test',
    title: 'Send a test notice now',
    args: args({ name }, ['name']),
    positionals: ['name'],
    danger: 'change',
    examples: ['holdfast notifier test ops --yes'],
    load: () => import('./test.ts'),
  },
  {
    id: 'notifier.remove',
    title: 'Remove a notifier from the configuration',
    args: args({ name }, ['name']),
    positionals: ['name'],
    danger: 'change',
    examples: ['holdfast notifier remove ops --yes'],
    load: () => import('./remove.ts'),
  },
];
