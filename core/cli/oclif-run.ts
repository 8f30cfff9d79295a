import type { Plain } from '@holdfast/api';
import { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import type { ShellCommand } from '../shell/contract.ts';
import type { Arguments } from '../shell/registry/argument-values.ts';
import { COMMANDS } from './commands.ts';
import { oclifParts } from './oclif-flags.ts';

/** What oclif needs to know about this program. */
export interface Program {
  readonly root: string;
  readonly version: string;
}

/** Makes oclif's command class for a command of the registry. */
function commandClass(command: ShellCommand, work: (given: Arguments) => Promise<void>): Command.Class {
  const { flags, args, properties } = oclifParts(command);
  return class extends Command {
    static override readonly summary = command.title;
    static override readonly flags = flags;
    static override readonly args = args;

    async run(): Promise<void> {
      const line = await this.parse({ flags, args });
      const given: Record<string, Plain> = {};
      for (const [name, value] of Object.entries(line.flags)) {
        const property = properties.get(name);
        if (property !== undefined && value !== undefined) given[property] = value as Plain;
      }
      for (const [name, value] of Object.entries(line.args)) if (value !== undefined) given[name] = value as Plain;
      await work(given);
    }

    protected override async catch(error: Error): Promise<void> {
      throw error;
    }
  };
}

/**
 * Runs one command through oclif: it parses the words after the command, and calls `work` with what they say, by property name.
 * @throws What `work` throws, and oclif's own errors for words that it does not understand.
 */
export async function runWithOclif(
  command: ShellCommand,
  words: readonly string[],
  program: Program,
  work: (given: Arguments) => Promise<void>,
): Promise<void> {
  // oclif would look for a TypeScript runner; Node needs none.
  settings.enableAutoTranspile = false;
  const id = command.id.replaceAll('.', ':');
  COMMANDS[id] = commandClass(command, work);
  const target = import.meta.url.endsWith('.ts') ? './core/cli/commands.ts' : './dist/core/cli/commands.js';
  const config = await Config.load({
    root: program.root,
    pjson: {
      name: 'holdfast',
      version: program.version,
      type: 'module',
      oclif: {
        bin: 'holdfast',
        topicSeparator: ' ',
        commands: { strategy: 'explicit', target, identifier: 'COMMANDS' },
      },
    },
    userPlugins: false,
    devPlugins: false,
    ignoreManifest: true,
  });
  await config.runCommand(id, [...words]);
}
