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
function commandClass(command: ShellCommand, parsed: (given: Arguments) => void): Command.Class {
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
      parsed(given);
    }

    protected override async catch(error: Error): Promise<void> {
      throw error;
    }
  };
}

/** oclif knows the commands of one call by a table of the whole process: two lines at once would get each other's words. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Parses the words after a command through oclif: its config with the explicit strategy, its command class, its parser.
 * @returns The arguments by property name.
 * @throws oclif's own errors for words that it does not understand.
 */
export function parseLine(command: ShellCommand, words: readonly string[], program: Program): Promise<Arguments> {
  const mine = last.then(() => parse(command, words, program));
  last = mine.catch(() => {});
  return mine;
}

async function parse(command: ShellCommand, words: readonly string[], program: Program): Promise<Arguments> {
  // oclif would look for a TypeScript runner; Node needs none.
  settings.enableAutoTranspile = false;
  const id = command.id.replaceAll('.', ':');
  let parsed: Arguments | null = null;
  COMMANDS[id] = commandClass(command, (given) => {
    parsed = given;
  });
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
  if (parsed === null) throw new Error(`${command.id} was not parsed`);
  return parsed;
}
