import type { CommandDeclaration, Plain } from '@holdfast/api';
import type { Arguments } from './argument-values.ts';
import { argumentsOf } from './arguments.ts';

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

const itemsOf = (value: Plain): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((item) => item !== undefined && item !== null).map(String);

/** The words of a command with its arguments, secret ones left out, as they stand behind the `--` of `approval ask`. */
export function wordsOf(command: CommandDeclaration, args: Arguments): readonly string[] {
  const all = argumentsOf(command).filter(({ secret }) => !secret);
  const flags = all
    .filter(
      ({ position, name, fallback }) => position === null && JSON.stringify(args[name]) !== JSON.stringify(fallback),
    )
    .flatMap(({ name, flag, type }) => {
      const value = args[name];
      if (type === 'boolean') return value === true ? [`--${flag}`] : value === false ? [`--no-${flag}`] : [];
      return itemsOf(value).map((item) => `--${flag}=${item}`);
    });
  const placed = all.filter(({ position }) => position !== null).flatMap(({ name }) => itemsOf(args[name]));
  return [...command.id.split('.'), ...flags, ...placed];
}

/** The line that asks somebody else to agree to a command. */
export const askLine = (invocation: string, command: CommandDeclaration, args: Arguments): string =>
  `${invocation} approval ask --reason WHY -- ${wordsOf(command, args).map(quoted).join(' ')}`;
