import type { ShellCommand } from '../../contract.ts';
import { args, yesNo } from '../../registry/declare.ts';

export const doctorCommands: readonly ShellCommand[] = [
  {
    id: 'doctor',
    title: 'Find out what is wrong here, and mend it',
    description:
      'Looks at Node, its libraries, folders and their modes, the configuration, the plugins, the catalog, the targets and what dead processes left behind. With --fix it finishes or undoes what they left, and corrects modes.',
    args: args({ fix: yesNo('mend what can be mended') }),
    danger: 'change',
    changes: ({ fix }) => fix === true,
    long: true,
    examples: ['holdfast doctor', 'holdfast doctor --fix --yes'],
    load: () => import('./doctor.ts'),
  },
];
