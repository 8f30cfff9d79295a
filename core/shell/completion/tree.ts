import { needsApproval } from '../access/roles.ts';
import type { ShellCommand } from '../contract.ts';
import { argumentsOf } from '../registry/arguments.ts';

/** A flag as completion offers it. */
export interface FlagHint {
  /** With its dashes. */
  readonly flag: string;
  readonly about: string;
  /** What follows it: nothing, any text, a file, one of some words, or a name of a kind. */
  readonly value: ValueHint;
}

export type ValueHint =
  | { readonly kind: 'none' }
  | { readonly kind: 'text' }
  | { readonly kind: 'file' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'names'; readonly names: string };

/** A command as completion offers it. */
export interface CommandHint {
  readonly words: readonly string[];
  readonly about: string;
  readonly flags: readonly FlagHint[];
  /** What stands after the words; the last one may be repeated. */
  readonly positionals: readonly ValueHint[];
}

const safeWord = /^[a-z0-9][a-z0-9-]*$/i;

/** Titles come from plugins too: only letters, digits and harmless signs get into a script. */
const harmless = (text: string): string => text.replace(/[^\p{L}\p{N} ,.;()/–-]/gu, '').slice(0, 120);

function hintOf(completes: string | null, options: readonly string[] | null, isBoolean: boolean): ValueHint {
  if (isBoolean) return { kind: 'none' };
  if (options !== null) return { kind: 'words', words: options.filter((word) => safeWord.test(word)) };
  if (completes === 'file') return { kind: 'file' };
  return completes !== null && safeWord.test(completes) ? { kind: 'names', names: completes } : { kind: 'text' };
}

const breakGlass: FlagHint = { flag: '--break-glass', about: 'do without the second person', value: { kind: 'text' } };

function commandHint(command: ShellCommand): CommandHint {
  const all = argumentsOf(command).filter(({ flag }) => safeWord.test(flag));
  const own = all
    .filter(({ position }) => position === null)
    .map((argument) => ({
      flag: `--${argument.flag}`,
      about: harmless(argument.description),
      value: hintOf(argument.completes, argument.options, argument.type === 'boolean'),
    }));
  const change: readonly FlagHint[] =
    command.danger === 'read'
      ? []
      : [
          { flag: '--dry-run', about: 'say what would be done', value: { kind: 'none' } },
          { flag: '--yes', about: 'agree beforehand', value: { kind: 'none' } },
          ...(needsApproval(command) ? [breakGlass] : []),
        ];
  const common: readonly FlagHint[] = [
    { flag: '--json', about: 'print JSON', value: { kind: 'none' } },
    { flag: '--help', about: 'show help', value: { kind: 'none' } },
  ];
  const flags = [...own, ...change, ...common];
  return {
    words: command.id.split('.'),
    about: harmless(command.title),
    flags: flags.filter((one, at) => flags.findIndex(({ flag }) => flag === one.flag) === at),
    positionals: all
      .filter(({ position }) => position !== null)
      .map((argument) => hintOf(argument.completes, argument.options, argument.type === 'boolean')),
  };
}

/** What completion scripts are made from: every command that help shows, its flags, and what may stand where. */
export function completionTree(commands: readonly ShellCommand[]): readonly CommandHint[] {
  return commands
    .filter(({ id, hidden }) => hidden !== true && id.split('.').every((word) => safeWord.test(word)))
    .map(commandHint)
    .toSorted((a, b) => (a.words.join(' ') < b.words.join(' ') ? -1 : 1));
}

/** The words that may follow each beginning of a command, with what each is about where it ends a command. */
export function wordsAfter(tree: readonly CommandHint[]): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const after = new Map<string, Map<string, string>>();
  for (const { words, about } of tree) {
    for (const [at, word] of words.entries()) {
      const start = words.slice(0, at).join(' ');
      const next = after.get(start) ?? new Map<string, string>();
      after.set(start, next);
      if (at === words.length - 1 || !next.has(word)) next.set(word, at === words.length - 1 ? about : `${word} …`);
    }
  }
  return after;
}
