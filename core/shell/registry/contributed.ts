import type { CommandDeclaration, CommandResult } from '@holdfast/api';
import type { PluginHost } from '../../host/contract.ts';
import type { ShellCommand, ShellHandler } from '../contract.ts';
import { detailView, textCell } from '../view/build.ts';
import { isSet } from './argument-values.ts';
import { argumentsOf } from './arguments.ts';
import { confirmChange } from './confirm.ts';

const words = (command: CommandDeclaration): string => command.id.replaceAll('.', ' ');

/** What a dry run can say of a command that cannot try itself. */
function dryAnswer(command: CommandDeclaration, plugin: string): CommandResult {
  const text = `would ${command.title.charAt(0).toLowerCase()}${command.title.slice(1)}; ${plugin} tells no more beforehand`;
  return {
    data: { dryRun: true, command: command.id, plugin },
    view: detailView(words(command), [['plan', 'Plan', textCell(text)]]),
  };
}

/** Runs a plugin's command. The plugin sees its own arguments, and `dryRun` if its schema declares that. */
function handlerOf(command: CommandDeclaration, plugin: string): ShellHandler {
  const own = new Set(argumentsOf(command).map((argument) => argument.name));
  return async (site, args, call) => {
    const passed = Object.fromEntries(Object.entries(args).filter(([name]) => own.has(name)));
    if (isSet(args, 'dryRun') && !own.has('dryRun')) return dryAnswer(command, plugin);
    if (command.danger !== 'read' && !isSet(args, 'dryRun')) {
      const kind = command.danger === 'destroy' ? 'destroys things: ' : 'changes things: ';
      await confirmChange(site, args, `${kind}${command.title} (${words(command)} of ${plugin})`);
    }
    const host = await site.host();
    const handler = await host.command(command.id);
    return handler(passed, call);
  };
}

/** The commands that plugins contribute, as commands of the shell. Reading them runs nothing of the plugins. */
export function contributedCommands(host: PluginHost): readonly ShellCommand[] {
  return host.commands().map(({ plugin, command }) => ({
    ...command,
    plugin,
    long: command.danger !== 'read',
    load: async () => ({ run: handlerOf(command, plugin) }),
  }));
}
