import { HoldfastError, type Plain } from '@holdfast/api';
import type { ShellCommand } from '../../contract.ts';
import type { Arguments } from '../../registry/argument-values.ts';
import { type Argument, argumentsOf } from '../../registry/arguments.ts';
import { CommandRegistry } from '../../registry/registry.ts';

/** Words that say how a command is run, not what it does. */
const common = new Set(['--yes', '-y', '--dry-run', '--json']);

function valueFrom(argument: Argument, written: string): Plain {
  if (argument.type === 'integer' || argument.type === 'number') return Number(written);
  if (argument.type === 'list' && argument.separator !== null) return written.split(argument.separator);
  return argument.type === 'list' ? [written] : written;
}

/** Finds the command that the first words name. @throws `USAGE`. */
export function findCommand(
  commands: readonly ShellCommand[],
  words: readonly string[],
): { readonly command: ShellCommand; readonly rest: readonly string[] } {
  const registry = new CommandRegistry(commands);
  const first = words[0] === 'holdfast' ? words.slice(1) : words;
  const end = first.findIndex((word) => word.startsWith('-'));
  const found = registry.find(end < 0 ? first : first.slice(0, end));
  if (found?.kind === 'command') return { command: found.command, rest: first.slice(found.used) };
  const meant = registry.suggest(first);
  throw new HoldfastError('USAGE', `there is no command ${first.slice(0, 3).join(' ')}`, {
    remedy: meant === null ? 'write it behind `--` as you would run it' : `did you mean \`holdfast ${meant}\`?`,
  });
}

/**
 * Reads the words of a command line as its schema says. What is missing or out of range is found when the command checks its arguments.
 * @throws `USAGE` for a flag that the command does not have.
 */
export function readWords(command: ShellCommand, words: readonly string[]): Arguments {
  const all = argumentsOf(command);
  const given: Record<string, Plain> = {};
  const placed: string[] = [];
  const put = (argument: Argument, value: Plain): void => {
    const before = given[argument.name];
    given[argument.name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      placed.push(...words.slice(at + 1));
      break;
    }
    if (!word.startsWith('--')) {
      if (!common.has(word)) placed.push(word);
      continue;
    }
    const [, name = '', written] = /^--([^=]*)(?:=([\s\S]*))?$/u.exec(word) ?? [];
    const argument = all.find((one) => one.position === null && (one.flag === name || `no-${one.flag}` === name));
    if (argument === undefined) {
      if (common.has(word)) continue;
      throw new HoldfastError('USAGE', `${command.id.replaceAll('.', ' ')} has no flag --${name}`);
    }
    if (argument.type === 'boolean') put(argument, name === argument.flag);
    else put(argument, valueFrom(argument, written ?? words[++at] ?? ''));
  }
  place(command, all, placed, put);
  return given;
}

function place(
  command: ShellCommand,
  all: readonly Argument[],
  placed: readonly string[],
  put: (argument: Argument, value: Plain) => void,
): void {
  const positional = all.filter(({ position }) => position !== null);
  for (const [index, word] of placed.entries()) {
    const argument = positional[Math.min(index, positional.length - 1)];
    const isBeyond = index >= positional.length && argument?.type !== 'list';
    if (argument === undefined || isBeyond) {
      throw new HoldfastError('USAGE', `${command.id.replaceAll('.', ' ')} does not know what to do with ${word}`);
    }
    put(argument, argument.type === 'list' ? [word] : valueFrom(argument, word));
  }
}
