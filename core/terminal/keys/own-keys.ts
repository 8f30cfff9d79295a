import { HoldfastError, isHoldfastError, type KeybindingDeclaration, type Plain } from '@holdfast/api';
import { nearest } from '../../config/nearest.ts';
import { readText } from '../../config/read-text.ts';
import { safeText } from '../../model/text/safe-text.ts';
import { type Binding, type KeyProblem, keyProblem, type Removal, readBinding } from './binding.ts';
import { readCommentedList } from './commented-json.ts';
import { parseKeys } from './key-name.ts';

/** Limits of the file. */
export const ownKeysBounds = { letters: 256 * 1024, entries: 1000, depth: 8, problems: 50 } as const;

/** What a person's file of keys says. */
export interface OwnKeys {
  /** In the order of the file. */
  readonly entries: readonly (Binding | Removal)[];
  readonly problems: readonly KeyProblem[];
}

const fields = ['key', 'command', 'args', 'when'];
const commandName = /^-?[\w-]+(?:\.[\w-]+)*$/;

type Fields = Readonly<Record<string, Plain>>;

const isRecord = (value: Plain): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

function refuse(problem: string, remedy: string | null = null): never {
  throw new HoldfastError('KEYS_INVALID', problem, remedy === null ? {} : { remedy });
}

function textIn(entry: Fields, field: string): string | null {
  if (!Object.hasOwn(entry, field)) return null;
  const value = entry[field];
  return typeof value === 'string' ? value : refuse(`\`${field}\` takes a text`);
}

function readEntry(value: Plain, owner: string): Binding | Removal {
  if (!isRecord(value)) refuse('an entry is `{ "key": …, "command": … }`');
  const extra = Object.keys(value).find((field) => !fields.includes(field));
  if (extra !== undefined) {
    const meant = nearest(extra, fields);
    const shown = JSON.stringify(safeText(extra, 40));
    refuse(
      `${shown} is not known here`,
      meant === undefined ? `there are: ${fields.join(', ')}` : `did you mean "${meant}"?`,
    );
  }
  const command = textIn(value, 'command') ?? refuse('`command` is missing');
  if (command.length > 100 || !commandName.test(command)) {
    refuse(`${JSON.stringify(safeText(command, 60))} is not written as a command is: \`machine.list\``);
  }
  const key = textIn(value, 'key');
  const when = textIn(value, 'when');
  if (command.startsWith('-')) {
    const keys = key === null || key.trim() === '' ? null : parseKeys(key);
    return { keys, command: command.slice(1), when };
  }
  const args = Object.hasOwn(value, 'args') ? value.args : {};
  if (!isRecord(args)) refuse('`args` takes an object of arguments');
  const declaration: KeybindingDeclaration = {
    key: key ?? refuse('`key` is missing'),
    command,
    args,
    ...(when === null ? {} : { when }),
  };
  return readBinding(declaration, 'own', owner);
}

/** Reads the text of a file of own keys; see docs/formats/keys-file.md. Never throws: every bad entry is named, the rest works. */
export function readOwnKeys(text: string): OwnKeys {
  const whole = (problem: string, remedy: string): OwnKeys => ({
    entries: [],
    problems: [{ line: 1, text: `own keys: ${problem}`, remedy }],
  });
  if (text.length > ownKeysBounds.letters) {
    return whole(`the file is larger than ${ownKeysBounds.letters / 1024} KiB`, 'keep only the keys that you use');
  }
  const list = readCommentedList(text, ownKeysBounds);
  if (list === null) return whole('the file is not a list', 'begin it with `[` and end it with `]`');
  const entries: (Binding | Removal)[] = [];
  const problems: KeyProblem[] = [];
  const tell = (error: unknown, line: number) => {
    if (problems.length < ownKeysBounds.problems) problems.push(keyProblem(error, line, `own keys, line ${line}`));
  };
  for (const entry of list.slice(0, ownKeysBounds.entries)) {
    try {
      if ('problem' in entry) refuse(entry.problem);
      entries.push(readEntry(entry.value, `line ${entry.line}`));
    } catch (error) {
      tell(error, entry.line);
    }
  }
  const beyond = list[ownKeysBounds.entries];
  if (beyond !== undefined) {
    tell(new HoldfastError('KEYS_INVALID', `only the first ${ownKeysBounds.entries} entries are taken`), beyond.line);
  }
  return { entries, problems };
}

/**
 * Reads a person's own keys. A file that is not there holds none; one that cannot be read is a named problem.
 * @param file `null` where there is none.
 */
export async function loadOwnKeys(file: string | null): Promise<OwnKeys> {
  if (file === null) return { entries: [], problems: [] };
  try {
    const read = await readText(file);
    return readOwnKeys(read?.text ?? '');
  } catch (error) {
    if (!isHoldfastError(error)) throw error;
    const problem = new HoldfastError('KEYS_INVALID', `the file cannot be read: ${error.message}`, { cause: error });
    return { entries: [], problems: [keyProblem(problem, 0, `own keys in ${safeText(file, 200)}`)] };
  }
}

/** Own entries that name commands which are not there now: mistyped, or of a plugin that is not loaded. */
export function unknownCommands(own: OwnKeys, commands: readonly string[]): readonly KeyProblem[] {
  const known = new Set(commands);
  return own.entries.flatMap((entry) => {
    if (known.has(entry.command) || !('layer' in entry)) return [];
    const meant = nearest(entry.command, commands);
    const line = Number(/\d+/.exec(entry.owner)?.[0] ?? 0);
    const remedy = meant === undefined ? null : `did you mean \`${meant}\`?`;
    return [{ line, text: `own keys, line ${line}: there is no command ${entry.command}`, remedy }];
  });
}
