import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { AlphabetLowercase, ArgInput, FlagInput } from '@oclif/core/interfaces';
import { needsApproval } from '../shell/access/roles.ts';
import type { ShellCommand } from '../shell/contract.ts';
import { type Argument, argumentsOf } from '../shell/registry/arguments.ts';

/** Flags and arguments of one command in oclif's terms, and which property each one fills. */
export interface OclifParts {
  readonly flags: FlagInput;
  readonly args: ArgInput;
  /** Property name by flag name. */
  readonly properties: ReadonlyMap<string, string>;
}

/** Whether something is there, what is missing and what is in range is decided by the shell, the same for every front. */
function flagOf(argument: Argument): FlagInput[string] {
  const description = argument.description;
  const wide = { description, helpValue: argument.value };
  switch (argument.type) {
    case 'boolean':
      return Flags.boolean({ description, allowNo: argument.fallback === true });
    case 'integer':
    case 'number':
      return Flags.custom<number>({ ...wide, parse: async (written: string) => Number(written) })();
    case 'list': {
      const delimiter = argument.separator === ',' ? { delimiter: ',' as const } : { multipleNonGreedy: true };
      return Flags.string({ ...wide, multiple: true, ...delimiter });
    }
    case 'string':
      return Flags.string({ ...wide, ...(isLetter(argument.short) ? { char: argument.short } : {}) });
  }
}

/** Letters that oclif takes; the rest of a stranger's schema is none of ours. */
const isLetter = (short: string | null): short is AlphabetLowercase => short !== null && /^[a-z]$/.test(short);

function argOf(argument: Argument): ArgInput[string] {
  const shape = {
    description: argument.description,
    ignoreStdin: true,
    ...(argument.type === 'list' ? { multiple: true } : {}),
  };
  if (argument.type === 'integer' || argument.type === 'number') {
    return Args.custom<number>({ ...shape, parse: async (written: string) => Number(written) })();
  }
  return Args.string(shape);
}

/** What `--break-glass` is for. */
const breakGlass = 'do without the second person, at the local console only; the audit log says so';

/** Flags that every command has, and those of commands that change something. */
function commonFlags(command: ShellCommand): FlagInput {
  const json = Flags.boolean({ description: 'print the answer, or the error, as one JSON document on stdout' });
  if (command.danger === 'read') return { json };
  return {
    json,
    'dry-run': Flags.boolean({ description: 'say what would be done, and do nothing' }),
    yes: Flags.boolean({ char: 'y', description: 'agree beforehand to what is asked' }),
    ...(needsApproval(command) ? { 'break-glass': Flags.string({ description: breakGlass, helpValue: 'WHY' }) } : {}),
  };
}

/** Translates a command's schema. A property of the command's own goes before a common flag of the same name. */
export function oclifParts(command: ShellCommand): OclifParts {
  const flags = commonFlags(command);
  const args: ArgInput = {};
  const properties = new Map([
    ['dry-run', 'dryRun'],
    ['yes', 'yes'],
    ['break-glass', 'breakGlass'],
  ]);
  for (const argument of argumentsOf(command)) {
    if (argument.position === null) {
      flags[argument.flag] = flagOf(argument);
      properties.set(argument.flag, argument.name);
    } else {
      args[argument.name] = argOf(argument);
    }
  }
  return { flags, args, properties };
}
