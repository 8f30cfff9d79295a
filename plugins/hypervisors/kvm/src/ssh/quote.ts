import { HoldfastError } from '@holdfast/api';

/** Words that no POSIX shell gives a meaning of its own. */
const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;

/**
 * An argument vector as one line for the POSIX shell that sshd starts, so that the program gets exactly these words. Everything that is not plain
 * stands in single quotes, in which a shell leaves all characters but the quote itself alone.
 * @throws `NAME_INVALID` for a word with a NUL, which no program can be given.
 */
export function quoteArgv(argv: readonly string[]): string {
  return argv.map((word, index) => quoteWord(word, index === 0)).join(' ');
}

function quoteWord(word: string, isProgram: boolean): string {
  if (word.includes('\0')) throw new HoldfastError('NAME_INVALID', 'a program cannot be given a word with a NUL in it');
  // A first word with = in it would be an assignment.
  if (plain.test(word) && !(isProgram && word.includes('='))) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
