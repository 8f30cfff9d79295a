import type { CommandDeclaration, Plain } from '@holdfast/api';
import { builtInCommands } from '../commands/all.ts';
import { commandLine } from '../registry/command-line.ts';

type Given = Readonly<Record<string, Plain>>;

/**
 * How a person types a command: see `commandLine`.
 * @param command A command, or the id of one that Holdfast has itself; of any other id all arguments are written as flags.
 */
export function commandLineOf(command: CommandDeclaration | string, args: Given, invocation: string): string {
  const declared = typeof command === 'string' ? declarationOf(command, args) : command;
  return commandLine(declared, args, invocation);
}

function declarationOf(id: string, args: Given): CommandDeclaration {
  const found = builtInCommands.find((command) => command.id === id);
  if (found !== undefined) return found;
  const types: Readonly<Record<string, string>> = { number: 'number', boolean: 'boolean' };
  const properties = Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      { type: Array.isArray(value) ? 'array' : (types[typeof value] ?? 'string') },
    ]),
  );
  return { id, title: id, args: { type: 'object', properties }, danger: 'read' };
}
