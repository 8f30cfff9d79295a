import { HoldfastError } from '@holdfast/api';

const maxLength = 128 * 1024;
const maxWords = 4096;
const blank = /[ \t\r\n]/;
/** What a backslash takes its meaning from between double quotes. */
const escapable = new Set(['$', '`', '"', '\\']);

const refused = (what: string, remedy: string): HoldfastError => new HoldfastError('USAGE', what, { remedy });

/**
 * The words of a command line as a POSIX shell splits and unquotes them (XCU §2.2). Nothing is expanded and nothing is run: `$`, `*`, `;`, `|` and `>`
 * are letters like any other.
 * @throws `USAGE` for quotes that are not closed, a NUL, and lines beyond 128 KiB or 4,096 words.
 */
export function splitLine(line: string): string[] {
  if (line.length > maxLength) throw refused('the command line is too long', `use at most ${maxLength} characters`);
  if (line.includes('\0')) throw refused('the command line holds a NUL', 'leave it out');
  const words: string[] = [];
  /** `null` between words: an empty pair of quotes is a word, nothing is none. */
  let word: string | null = null;
  let at = 0;
  while (at < line.length) {
    const char = line.charAt(at);
    if (blank.test(char)) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
    } else {
      const piece = readPiece(line, at);
      if (piece.text !== null) word = (word ?? '') + piece.text;
      at = piece.next;
    }
    if (words.length > maxWords) throw refused('the command line has too many words', `use at most ${maxWords}`);
  }
  if (word !== null) words.push(word);
  return words;
}

interface Piece {
  /** `null` for a line that goes on, which is nothing at all. */
  readonly text: string | null;
  readonly next: number;
}

function readPiece(line: string, at: number): Piece {
  const char = line.charAt(at);
  if (char === "'") {
    const end = line.indexOf("'", at + 1);
    if (end === -1) throw unclosed("'");
    return { text: line.slice(at + 1, end), next: end + 1 };
  }
  if (char === '"') return readDoubleQuoted(line, at + 1);
  if (char !== '\\') return { text: char, next: at + 1 };
  if (at + 1 >= line.length) return { text: '\\', next: at + 1 };
  const escaped = line.charAt(at + 1);
  return { text: escaped === '\n' ? null : escaped, next: at + 2 };
}

function readDoubleQuoted(line: string, from: number): Piece {
  let text = '';
  let at = from;
  while (at < line.length) {
    const char = line.charAt(at);
    if (char === '"') return { text, next: at + 1 };
    const next = line.charAt(at + 1);
    if (char === '\\' && (escapable.has(next) || next === '\n')) {
      if (next !== '\n') text += next;
      at += 2;
    } else {
      text += char;
      at += 1;
    }
  }
  throw unclosed('"');
}

const unclosed = (quote: string): HoldfastError =>
  refused(`a quote (${quote}) is not closed in the command line`, 'close it, or escape it with a backslash');
