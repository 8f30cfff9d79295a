import type { ShellCommand } from '../../contract.ts';
import { args, names, text, yesNo } from '../../registry/declare.ts';

export const configCommands: readonly ShellCommand[] = [
  {
    id: 'config.show',
    title: 'Show the configuration in effect',
    description: 'Secrets are references and are shown as such; no secret is ever read for this.',
    args: args({ origin: yesNo('also say where each value was set') }),
    danger: 'read',
    examples: ['holdfast config show', 'holdfast config show --origin'],
    load: () => import('./show.ts'),
  },
  {
    id: 'config.validate',
    title: 'Check the configuration and name file, line and nearest key of what is wrong',
    args: args({}),
    danger: 'read',
    examples: ['holdfast config validate', 'holdfast config validate --config protection.yaml'],
    load: () => import('./validate.ts'),
  },
  {
    id: 'config.schema',
    title: 'Print the JSON schema of the configuration, for editors',
    description:
      'Put it beside the configuration and name it in its first line: `# yaml-language-server: $schema=FILE`.',
    args: args({}),
    danger: 'read',
    examples: ['holdfast config schema > holdfast.schema.json'],
    load: () => import('./schema.ts'),
  },
  {
    id: 'config.trust',
    title: 'Trust a configuration file that was found in a project, with the content it has now',
    description:
      'Until then its code, its `command:` secrets and its plugin paths are not in effect. A change of the file ends the trust.',
    args: args({ file: text('the file; default is the one that is found from here upward', names('file', 'FILE')) }),
    positionals: ['file'],
    danger: 'change',
    fourEyes: true,
    examples: ['holdfast config trust', 'holdfast config trust ./holdfast.config.ts --yes'],
    load: () => import('./trust.ts'),
  },
];
