import { randomInt } from 'node:crypto';
import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Call, HoldfastError } from '@holdfast/api';
import type { Ask, Site } from '../contract.ts';

/** Where recovery words will go; reserved before there are any, so that they cannot be lost for want of a place. */
export interface WordKeeper {
  /** Shows or writes the words. */
  keep(words: string, what: string, call: Call): Promise<void>;
  /** Gives the reserved place back when no words came to be. */
  abandon(): Promise<void>;
  /** The file, or `null` when the words were shown and typed back. */
  readonly file: string | null;
}

const asked = 3;
const tries = 5;

/**
 * Finds a place for recovery words: the file named, which must not exist yet, or the person at the terminal.
 * @throws `ANSWER_MISSING` when there is neither, `NAME_TAKEN` when the file is there already.
 */
export async function reserveWords(site: Site, file: string | null): Promise<WordKeeper> {
  if (file !== null) return fileKeeper(resolve(file));
  if (site.ask !== null) return terminalKeeper(site.ask);
  throw new HoldfastError('ANSWER_MISSING', 'recovery words must be shown or written, and nobody is here to see them', {
    remedy:
      'add `--recovery-file FILE`, a file that does not exist yet; then print it, put it away safely and remove it',
  });
}

/** Whether a recovery file holds the words of this repository, from an attempt that did not come to its end. */
export async function holdsWordsOf(file: string, repository: string): Promise<boolean> {
  try {
    if ((await stat(file)).size > 64 * 1024) return false;
    return (await readFile(file, 'utf8')).includes(`(${repository})`);
  } catch {
    return false;
  }
}

/** The text of a recovery file. */
function fileText(words: string, what: string): string {
  const numbered = words.split(' ').map((word, index) => `${String(index + 1).padStart(2)} ${word}`);
  return [
    `Recovery words of ${what}`,
    'Whoever has these words can read everything in it; without them and without the passphrase nobody can.',
    'Print this file, put the paper away safely, then remove the file.',
    '',
    ...numbered,
    '',
    words,
    '',
  ].join('\n');
}

async function fileKeeper(file: string): Promise<WordKeeper> {
  let handle: FileHandle;
  try {
    handle = await open(file, 'wx', 0o600);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed';
    if (code === 'EEXIST') {
      const isEmpty = (await stat(file).catch(() => null))?.size === 0;
      throw new HoldfastError('NAME_TAKEN', `${file} is there already, and recovery words never overwrite anything`, {
        ...(isEmpty ? { remedy: `it is empty: remove it, then run this again; what was begun goes on` } : {}),
        cause,
      });
    }
    throw new HoldfastError('USAGE', `the recovery file ${file} cannot be made: ${code}`, {
      remedy: 'name a file in a folder that exists and that you may write to',
      cause,
    });
  }
  return {
    file,
    async keep(words, what) {
      try {
        await handle.writeFile(fileText(words, what));
        await handle.sync();
      } catch (cause) {
        throw new HoldfastError('DISK_SPACE', `the recovery words could not be written to ${file}`, {
          remedy: 'what they belong to is made and works; `holdfast repository key recovery` makes new words',
          cause,
        });
      } finally {
        await handle.close();
      }
    },
    async abandon() {
      await handle.close();
      await rm(file, { force: true });
    },
  };
}

/** `count` different places among so many words, in order. */
function somePlaces(words: number, count: number): readonly number[] {
  const places = new Set<number>();
  while (places.size < Math.min(count, words)) places.add(randomInt(words));
  return [...places].toSorted((a, b) => a - b);
}

function terminalKeeper(ask: Ask): WordKeeper {
  return {
    file: null,
    async keep(words, what, call) {
      const list = words.split(' ');
      const rows: string[] = [];
      for (let row = 0; row < list.length; row += 4) {
        const line = list
          .slice(row, row + 4)
          .map((word, at) => `${String(row + at + 1).padStart(4)} ${word.padEnd(10)}`);
        rows.push(line.join('').trimEnd());
      }
      const title = `Recovery words of ${what}. They are shown once. Write them on paper, in this order:`;
      if (ask.show !== undefined) await ask.show(title, rows);
      else for (const line of ['', title, ...rows, '']) call.log('info', line);
      await typedBack(ask, list);
    },
    async abandon() {},
  };
}

async function typedBack(ask: Ask, words: readonly string[]): Promise<void> {
  let before = '';
  for (let attempt = 0; attempt < tries; attempt++) {
    let isRight = true;
    for (const place of somePlaces(words.length, asked)) {
      const typed = (await ask.text(`${before}Word ${place + 1}, from your paper`)).trim().toLowerCase();
      before = '';
      if (typed === words[place]) continue;
      before = `That was not word ${place + 1}: look at your paper again. `;
      isRight = false;
      break;
    }
    if (isRight) return;
  }
  throw new HoldfastError('RECOVERY_WORDS_WRONG', 'the words that were typed back are not the ones shown', {
    remedy:
      'the repository is made; `holdfast repository key recovery` makes new words, then remove the old ones with `holdfast repository key remove`',
  });
}
