import type { ShellCommand } from '../../contract.ts';
import { args, names, text, yesNo } from '../../registry/declare.ts';

export const quickstartCommands: readonly ShellCommand[] = [
  {
    id: 'quickstart',
    title: 'Try it all out in a minute: protect a sample machine, restore it, prove it equal',
    description:
      'Everything is made in one folder with a configuration of its own; your real configuration is not touched, nothing is asked, and no root is needed. The sample machine’s disk is made from real files of this computer.',
    args: args({
      folder: text('folder for all of it; default is `quickstart` in the data folder', names('file', 'FOLDER')),
      size: text('how much real data the sample machine holds', { default: '512MiB', 'x-value': 'SIZE' }),
      fresh: yesNo('remove what an earlier quickstart left there and begin anew'),
    }),
    danger: 'change',
    // What it changes is an installation of its own, which has a log of its own.
    changes: () => false,
    long: true,
    examples: ['holdfast quickstart', 'holdfast quickstart --folder /srv/holdfast-trial --size 2GiB --fresh'],
    load: () => import('./quickstart.ts'),
  },
];
