import { HoldfastError } from '@holdfast/api';
import { nearest } from '../config/nearest.ts';
import { needsApproval } from '../shell/access/roles.ts';
import type { ShellCommand } from '../shell/contract.ts';
import { argumentsOf } from '../shell/registry/arguments.ts';

const words = (command: ShellCommand): string => command.id.replaceAll('.', ' ');

function flagsOf(command: ShellCommand): readonly string[] {
  const own = argumentsOf(command)
    .filter((argument) => argument.position === null)
    .map((argument) => `--${argument.flag}`);
  return [
    ...own,
    '--json',
    '--help',
    ...(command.danger === 'read' ? [] : ['--dry-run', '--yes']),
    ...(needsApproval(command) ? ['--break-glass'] : []),
    '--config',
    '--home',
  ];
}

const listOf = (thrown: object, key: string): readonly string[] => {
  const value: unknown = (thrown as Readonly<Record<string, unknown>>)[key];
  return Array.isArray(value) ? value.map(String) : [];
};

function unknownFlag(command: ShellCommand, flag: string): HoldfastError {
  const meant = nearest(flag, flagsOf(command));
  return new HoldfastError('USAGE', `${words(command)} has no flag ${flag}`, {
    remedy:
      meant === undefined ? `\`holdfast ${words(command)} --help\` shows its flags` : `did you mean \`${meant}\`?`,
    facts: { flag },
  });
}

/** The first line of oclif's message in this house's words: lower case, no full stop. */
function reworded(message: string): string {
  const line = message.split('\n')[0] ?? message;
  return line.charAt(0).toLowerCase() + line.slice(1).replace(/\.$/, '');
}

/** Turns what oclif's parser throws into a `USAGE` error that says what to do; anything else comes back as it is. */
export function usageError(thrown: unknown, command: ShellCommand): unknown {
  if (!(thrown instanceof Error) || !('oclif' in thrown)) return thrown;
  const flag = listOf(thrown, 'flags')[0];
  if (flag !== undefined) return unknownFlag(command, flag);
  const remedy = `\`holdfast ${words(command)} --help\` shows how it is written`;
  const extra = listOf(thrown, 'args');
  if (extra.length > 0) {
    // A word that begins with a dash is a flag that oclif took for an argument.
    const dashed = extra.find((word) => word.startsWith('-'));
    if (dashed !== undefined) return unknownFlag(command, dashed.split('=')[0] ?? dashed);
    return new HoldfastError('USAGE', `${words(command)} does not know what to do with ${extra.join(' ')}`, { remedy });
  }
  return new HoldfastError('USAGE', reworded(thrown.message), { remedy });
}
