import type { CommandDeclaration, Plain } from '@holdfast/api';
import { type Argument, argumentsOf } from './arguments.ts';

type Given = Readonly<Record<string, Plain>>;

/** Words that a shell takes as they are, wherever they stand. */
const plainWord = /^[\w@%+:,./-][\w@%+=:,./-]*$/;
const control = /[\x00-\x1f\x7f]/;

/** A word as a POSIX shell takes it; one with control characters is written with `$'…'`, so that it stays one line. */
export function shellWord(word: string): string {
  if (plainWord.test(word)) return word;
  if (!control.test(word)) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = word
    .replace(/[\\']/g, (char) => `\\${char}`)
    .replace(/[\x00-\x1f\x7f]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
  return `$'${escaped}'`;
}

/** A flag and its value. A value that looks like a flag is tied to it. */
const flag = (name: string, value: string): readonly string[] =>
  value.startsWith('-') || value === '' ? [`--${name}=${value}`] : [`--${name}`, value];

const isSame = (a: Plain, b: Plain): boolean => JSON.stringify(a) === JSON.stringify(b);

const isGiven = (argument: Argument, value: Plain): boolean =>
  value !== undefined &&
  value !== null &&
  !argument.secret &&
  !(Array.isArray(value) && value.length === 0) &&
  !isSame(value, argument.fallback);

/** The words of a flag. */
function flagWords(argument: Argument, value: Plain): readonly string[] {
  if (argument.type === 'boolean') {
    if (value === true) return [`--${argument.flag}`];
    return argument.fallback === true ? [`--no-${argument.flag}`] : [];
  }
  if (!Array.isArray(value)) return flag(argument.flag, String(value));
  const items = value.map(String);
  const { separator } = argument;
  if (separator === null) return items.flatMap((item) => flag(argument.flag, item));
  const written = items.map((item) => listItem(item, separator));
  // A backslash at the end would join an item to the next.
  if (items.some((item) => item.endsWith('\\'))) return written.flatMap((item) => flag(argument.flag, item));
  return flag(argument.flag, written.join(separator));
}

/** An item among others: the parser takes the separator as part of it after a backslash, and takes quotes and blanks around it away. */
function listItem(item: string, separator: string): string {
  const escaped = item.replaceAll(separator, `\\${separator}`);
  return item !== item.trim() || /^['"]|['"]$/.test(item) ? `'${escaped}'` : escaped;
}

/** Positional arguments in their places. What is not given yet and must be is named, as in help; nothing stands after a gap. */
function positionalWords(positional: readonly Argument[], given: Given): { words: string[]; placeholders: string[] } {
  const words: string[] = [];
  const placeholders: string[] = [];
  for (const argument of positional) {
    const value = given[argument.name] ?? argument.fallback;
    const items = (Array.isArray(value) ? value : [value]).filter((item) => item !== undefined && item !== null);
    if (items.length > 0) words.push(...items.map(String));
    else if (argument.required) placeholders.push(argument.value);
    else break;
    if (placeholders.length > 0) break;
  }
  return { words, placeholders };
}

/** Positional arguments that say no more than their defaults, at the end, go without saying. */
function worthSaying(positional: readonly Argument[], given: Given): readonly Argument[] {
  const last = positional.findLastIndex((one) => one.required || isGiven(one, given[one.name]));
  return positional.slice(0, last + 1);
}

/**
 * How a person types a command: exact, quoted as a POSIX shell takes it, with defaults and secrets left out. A required argument that is not
 * given yet is named as in help: `holdfast restore machine MACHINE --as NAME`.
 * @param invocation How the program is called here: `holdfast`, `node core/cli/holdfast.js --home /tmp/x`.
 */
export function commandLine(command: CommandDeclaration, args: Given, invocation: string): string {
  const known = argumentsOf(command);
  const positional = worthSaying(
    known.filter(({ position }) => position !== null),
    args,
  );
  const flags = known
    .filter(({ position }) => position === null)
    .flatMap((argument): readonly string[] => {
      const value = args[argument.name];
      if (isGiven(argument, value)) return flagWords(argument, value).map(shellWord);
      const isMissing = argument.required && !argument.secret && argument.fallback === undefined;
      return isMissing ? [`--${argument.flag}`, argument.value] : [];
    });
  const common = command.danger === 'read' ? [] : commonWords(known, args);
  const { words, placeholders } = positionalWords(positional, args);
  const named = [...words.map(shellWord), ...placeholders];
  // What looks like a flag stands behind `--`, and then nothing after it is one.
  const hasDash = words.some((word) => word.startsWith('-'));
  const rest = hasDash ? [...flags, ...common, '--', ...named] : [...named, ...flags, ...common];
  return [invocation, command.id.replaceAll('.', ' '), ...rest].join(' ');
}

/** `--dry-run` and `--yes`, unless the command has arguments of these names. */
function commonWords(known: readonly Argument[], args: Given): readonly string[] {
  const words = [
    ['dryRun', '--dry-run'],
    ['yes', '--yes'],
  ] as const;
  return words
    .filter(([name]) => args[name] === true && !known.some((argument) => argument.name === name))
    .map(([, word]) => word);
}
